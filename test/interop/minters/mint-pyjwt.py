# Mints with PyJWT: the order is JSON on standard input, the answer JSON on standard output (see ../minter.ts).
import importlib.util
import json
import sys

if importlib.util.find_spec("jwt") is None or importlib.util.find_spec("cryptography") is None:
    sys.exit(69)

import base64
import secrets
import time
from datetime import datetime, timedelta, timezone

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}

order = json.load(sys.stdin)
rsa_keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]


def algorithm(alg):
    return jwt.api_jws.PyJWS().get_algorithm_by_name(alg)


def new_key(alg, which):
    if alg.startswith("HS"):
        return secrets.token_bytes(int(alg[2:]) // 8)
    if alg in CURVES:
        return ec.generate_private_key(CURVES[alg]())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa_keys[which]


def to_jwk(alg, key):
    return json.loads(algorithm(alg).to_jwk(key.public_key()))


def material(alg, key, kid):
    if alg.startswith("HS"):
        return {"secret": json.loads(algorithm(alg).to_jwk(key))["k"]}
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"jwk": {**to_jwk(alg, key), "kid": kid}, "pem": {"SPKI": pem}}


def ordered(token):
    headers = {}
    if "typ" in token:
        headers["typ"] = token["typ"]
    if token["kid"]:
        headers["kid"] = token["alg"]
    return jwt.encode(token["claims"], keys[token["alg"]][0], token["alg"], headers)


class Indented(json.JSONEncoder):
    def __init__(self, **options):
        super().__init__(**{**options, "indent": 2, "sort_keys": True})


def own_ways(alg):
    key = keys[alg][0]
    claims = {"iss": order["issuer"], "aud": order["audience"], "sub": "alice", "name": "Zoë 林檎 😀"}
    instant = datetime.now(timezone.utc)
    instants = {**claims, "iat": instant, "nbf": instant, "exp": instant + timedelta(hours=1)}
    floats = {**claims, "iat": time.time(), "exp": time.time() + 3600}
    yield "times as datetime", jwt.encode(instants, key, alg)
    yield "times as the floats of time.time()", jwt.encode(floats, key, alg)
    yield "claims that an encoder of the user indents", jwt.encode(floats, key, alg, json_encoder=Indented)


def verdict(check):
    public = check["key"]
    secret = public.get("secret")
    material = {"kty": "oct", "k": secret} if secret else public["jwk"]
    try:
        key = jwt.PyJWK(material, check["alg"]).key
        jwt.decode(check["token"], key, [check["alg"]], audience=order["audience"])
        return True
    except jwt.InvalidSignatureError:
        return False


keys = {alg: [new_key(alg, which) for which in range(2)] for alg in order["algorithms"]}
# Before 2.9 it leaves the leading zeros of coordinates out of a JWK, against RFC 7518 section 6.2.1.2. On P-521 that
# is every second key; here it is each, so that a run does not depend on luck.
while "ES512" in keys and keys["ES512"][0].public_key().public_numbers().x >> 520:
    keys["ES512"][0] = new_key("ES512", 0)
json.dump(
    {
        "keys": {
            alg: {"own": material(alg, own, alg), "other": material(alg, other, f"{alg}-other")}
            for alg, (own, other) in keys.items()
        },
        "tokens": [ordered(token) for token in order["tokens"]],
        "ownWays": [
            {"about": about, "alg": alg, "token": token} for alg in ("HS256", "ES256") for about, token in own_ways(alg)
        ],
        "verdicts": [verdict(check) for check in order["checks"]],
    },
    sys.stdout,
)
