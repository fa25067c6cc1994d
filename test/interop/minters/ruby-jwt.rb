# Mints with ruby-jwt: the order is JSON on standard input, the answer JSON on standard output (see ../minter.ts).
begin
  require 'rbnacl' # For EdDSA.
  require 'jwt'
rescue LoadError
  exit 69
end
require 'json'
require 'openssl'
require 'securerandom'

CURVES = { 'ES256' => 'prime256v1', 'ES384' => 'secp384r1', 'ES512' => 'secp521r1' }.freeze

def base64url(bytes) = JWT::Base64.url_encode(bytes)
def bytes_of(text) = JWT::Base64.url_decode(text)

def new_key(alg, rsa)
  case alg
  when /^HS/ then SecureRandom.bytes(Integer(alg[2..]) / 8)
  when /^ES/ then OpenSSL::PKey::EC.generate(CURVES.fetch(alg))
  when 'EdDSA' then RbNaCl::Signatures::Ed25519::SigningKey.generate
  else rsa
  end
end

# It knows no JWK for Ed25519.
def jwk_of(key)
  return JWT::JWK.new(key).export unless key.is_a?(RbNaCl::Signatures::Ed25519::SigningKey)

  { kty: 'OKP', crv: 'Ed25519', x: base64url(key.verify_key.to_bytes), kid: 'ed25519' }
end

def material(key)
  return { secret: base64url(key) } if key.is_a?(String)
  return { jwk: jwk_of(key) } unless key.is_a?(OpenSSL::PKey::PKey)

  { jwk: jwk_of(key), pem: { SPKI: key.public_to_pem } }
end

def public_key(key)
  jwk = key['jwk']
  return bytes_of(key['secret']) if jwk.nil?
  return RbNaCl::Signatures::Ed25519::VerifyKey.new(bytes_of(jwk['x'])) if jwk['kty'] == 'OKP'

  JWT::JWK.import(jwk).keypair
end

def accepts?(check)
  JWT.decode(check['token'], public_key(check['key']), true, algorithm: check['alg'])
  true
rescue JWT::VerificationError
  false
end

order = JSON.parse($stdin.read.force_encoding('UTF-8'))
rsa = Array.new(2) { OpenSSL::PKey::RSA.new(2048) }
keys = order['algorithms'].to_h { |alg| [alg, rsa.map { |one| new_key(alg, one) }] }

tokens = order['tokens'].map do |token|
  key = keys[token['alg']].first
  headers = {}
  headers['typ'] = token['typ'] if token['typ']
  headers['kid'] = key.is_a?(String) ? token['alg'] : jwk_of(key)[:kid] if token['kid']
  JWT.encode(token['claims'], key, token['alg'], headers)
end

own_ways = %w[HS256 ES256].flat_map do |alg|
  key = keys[alg].first
  claims = { iss: order['issuer'], aud: [order['audience']], sub: 'alice', name: 'Zoë 林檎 😀' }
  integers = claims.merge(iat: Time.now.to_i, exp: Time.now.to_i + 3600)
  floats = claims.merge(iat: Time.now.to_f, nbf: Time.now.to_f, exp: Time.now.to_f + 3600)
  [
    ['times as Time#to_i, names as symbols', integers, {}],
    ['times as Time#to_f, the header with names as symbols', floats, { typ: 'JWT' }],
  ].map { |about, payload, headers| { about: about, alg: alg, token: JWT.encode(payload, key, alg, headers) } }
end

puts JSON.generate(
  keys: keys.transform_values { |own, other| { own: material(own), other: material(other) } },
  tokens: tokens,
  ownWays: own_ways,
  verdicts: order['checks'].map { |check| accepts?(check) },
)
