# Mints with `jose`, the program of the C implementation: each line of standard input is an order, of standard output its
# answer. Fields are parted by tabs: `key NAME TEMPLATE`, `sign NAME HEADER CLAIMS`, `check TOKEN JWK`.
set -eu
command -v jose > /dev/null || exit 69

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

while IFS="$(printf '\t')" read -r verb first second third; do
  case $verb in
    key) # It makes a key, and tells the public half or, for HMAC, the secret.
      jose jwk gen -i "$second" -o "$first"
      case $second in
        *HS*) cat "$first" ;;
        *) jose jwk pub -i "$first" -o - ;;
      esac
      ;;
    sign) # Header and claims are written anew by its JSON library.
      jose fmt -j "$third" -o - | jose jws sig -I - -s "{\"protected\":$second}" -k "$first" -c -o -
      ;;
    check)
      printf %s "$second" > theirs
      if printf %s "$first" | jose jws ver -i - -k theirs > answer 2>&1; then printf true; else printf false; fi
      ;;
  esac
  echo
done
