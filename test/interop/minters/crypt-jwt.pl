# Mints with Crypt::JWT: the order is JSON on standard input, the answer JSON on standard output (see ../minter.ts).
use strict;
use warnings;
use utf8;

BEGIN { eval { require Crypt::JWT; 1 } or $@ !~ /^Can't locate Crypt\/JWT/ ? 1 : exit 69 }
use Crypt::JWT qw(encode_jwt decode_jwt);
use Crypt::PK::ECC;
use Crypt::PK::Ed25519;
use Crypt::PK::RSA;
use Crypt::PRNG qw(random_bytes);
use JSON;
use MIME::Base64 qw(encode_base64url decode_base64url);

my %curves = (ES256 => 'secp256r1', ES384 => 'secp384r1', ES512 => 'secp521r1');
my $json = JSON->new->utf8->canonical;
my $order = $json->decode(do { local $/; <STDIN> });

sub rsa_key {
  my $key = Crypt::PK::RSA->new;
  $key->generate_key(256, 65537);
  return $key;
}

sub new_key {
  my ($alg, $rsa) = @_;
  return random_bytes($1 / 8) if $alg =~ /^HS(\d+)/;
  return $rsa if $alg =~ /^[RP]S/;
  my $key = $alg eq 'EdDSA' ? Crypt::PK::Ed25519->new : Crypt::PK::ECC->new;
  $key->generate_key($curves{$alg} // ());
  return $key;
}

# Ed25519 keys have no thumbprint.
sub kid_of { my ($key) = @_; return $key->can('export_key_jwk_thumbprint') ? $key->export_key_jwk_thumbprint('SHA256') : 'ed25519' }

sub material {
  my ($key) = @_;
  return { secret => encode_base64url($key) } unless ref $key;
  my %pem = ref $key eq 'Crypt::PK::RSA' ? (SPKI => $key->export_key_pem('public_x509'))
    : ref $key eq 'Crypt::PK::Ed25519' ? (SPKI => $key->export_key_pem('public'))
    : (SPKI => $key->export_key_pem('public_short'), 'SPKI with a compressed point' => $key->export_key_pem('public_compressed'));
  return { jwk => { %{ $key->export_key_jwk('public', 1) }, kid => kid_of($key) }, pem => \%pem };
}

sub verdict {
  my ($check) = @_;
  my ($secret, $jwk) = @{ $check->{key} }{qw(secret jwk)};
  my $key = defined $secret ? decode_base64url($secret) : $jwk;
  return JSON::true if eval { decode_jwt(token => $check->{token}, key => $key, accepted_alg => $check->{alg}); 1 };
  return JSON::false if $@ =~ /signature|decode failed/i;
  die $@;
}

my @rsa = (rsa_key(), rsa_key());
my %keys = map { my $alg = $_; $alg => [map { new_key($alg, $_) } @rsa] } @{ $order->{algorithms} };

my @tokens = map {
  my ($token, $key) = ($_, $keys{ $_->{alg} }[0]);
  my %header;
  $header{typ} = $token->{typ} if defined $token->{typ};
  $header{kid} = ref $key ? kid_of($key) : $token->{alg} if $token->{kid};
  encode_jwt(payload => $token->{claims}, alg => $token->{alg}, key => $key, extra_headers => \%header);
} @{ $order->{tokens} };

my @own_ways = map {
  my $alg = $_;
  my $key = $keys{$alg}[0];
  my %claims = (iss => $order->{issuer}, aud => $order->{audience}, sub => 'alice', name => 'Zoë 林檎 😀');
  my $text = JSON->new->ascii->pretty->encode({ %claims, exp => time + 3600 });
  my @ways = (
    ['times that the library sets', { %claims }, relative_exp => 3600, relative_nbf => 0, auto_iat => 1],
    ['claims as text that is indented, escaped to ASCII', $text],
  );
  map {
    my ($about, $payload, @options) = @$_;
    { about => $about, alg => $alg, token => encode_jwt(payload => $payload, alg => $alg, key => $key, @options) };
  } @ways;
} qw(HS256 ES256);

print $json->encode({
  keys => { map { $_ => { own => material($keys{$_}[0]), other => material($keys{$_}[1]) } } keys %keys },
  tokens => \@tokens,
  ownWays => \@own_ways,
  verdicts => [map { verdict($_) } @{ $order->{checks} }],
});
