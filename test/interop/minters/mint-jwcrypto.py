# Mints with jwcrypto: the order is JSON on standard input, the answer JSON on standard output (see ../minter.ts).
import importlib.util
import json
import sys

if importlib.util.find_spec("jwcrypto") is None:
    sys.exit(69)

import time

from jwcrypto import jwk, jwt
from jwcrypto.jws import InvalidJWSSignature

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

order = json.load(sys.stdin)
rsa = [jwk.JWK.generate(kty="RSA", size=2048) for _ in range(2)]


def new_key(alg, which):
    if alg.startswith("HS"):
        key = jwk.JWK.generate(kty="oct", size=int(alg[2:]))
    elif alg in CURVES:
        key = jwk.JWK.generate(kty="EC", crv=CURVES[alg])
    elif alg == "EdDSA":
        key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
    else:
        key = rsa[which]
    return jwk.JWK(**{**key.export(as_dict=True), "kid": f"{key.thumbprint()}-{alg}", "alg": alg, "use": "sig"})


def material(key):
    if key["kty"] == "oct":
        return {"secret": key.export_symmetric(as_dict=True)["k"]}
    return {"jwk": key.export_public(as_dict=True), "pem": {"SPKI": key.export_to_pem().decode()}}


def sign(header, claims, key, **options):
    token = jwt.JWT(header=header, **options)
    token.validity = 3600
    token.claims = claims
    token.make_signed_token(key)
    return token.serialize()


def ordered(token):
    key = keys[token["alg"]][0]
    header = {"alg": token["alg"]}
    if token.get("typ") is not None:
        header["typ"] = token["typ"]
    if token["kid"]:
        header["kid"] = key["kid"]
    return sign(header, token["claims"], key)


def own_ways(alg):
    key = keys[alg][0]
    claims = {"iss": order["issuer"], "aud": order["audience"], "sub": "alice", "name": "Zoë 林檎 😀"}
    timed = {**claims, "exp": time.time() + 3600}
    indented = json.dumps(timed, indent=2)
    yield "times that the library sets", sign({"alg": alg}, claims, key, default_claims={"iat": None, "exp": None})
    yield "claims as text that is indented, escaped to ASCII", sign({"alg": alg}, indented, key)
    yield "header and claims as text with blanks, in UTF-8", sign(
        f'{{ "typ" : "JWT",\t"alg" : "{alg}" }}', json.dumps(timed, ensure_ascii=False, separators=(" , ", " : ")), key
    )


def verdict(check):
    public = check["key"]
    key = jwk.JWK(**public["jwk"]) if "jwk" in public else jwk.JWK(kty="oct", k=public["secret"])
    try:
        jwt.JWT(jwt=check["token"], key=key, algs=[check["alg"]])
        return True
    except InvalidJWSSignature:
        return False


keys = {alg: [new_key(alg, which) for which in range(2)] for alg in order["algorithms"]}
json.dump(
    {
        "keys": {alg: {"own": material(own), "other": material(other)} for alg, (own, other) in keys.items()},
        "tokens": [ordered(token) for token in order["tokens"]],
        "ownWays": [
            {"about": about, "alg": alg, "token": token} for alg in ("HS256", "ES256") for about, token in own_ways(alg)
        ],
        "verdicts": [verdict(check) for check in order["checks"]],
    },
    sys.stdout,
)
