// Mints with golang-jwt: the order is JSON on standard input, the answer JSON on standard output (see ../../minter.ts).
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt"
)

type order struct {
	Issuer     string
	Audience   string
	Algorithms []string
	Tokens     []struct {
		Alg    string
		Kid    bool
		Typ    json.RawMessage // Left out, null or text.
		Claims jwt.MapClaims
	}
	Checks []struct {
		Alg   string
		Token string
		Key   material
	}
}

type material struct {
	Pem    map[string]string `json:"pem,omitempty"`
	Secret string            `json:"secret,omitempty"`
}

type keys struct {
	Own   material `json:"own"`
	Other material `json:"other"`
}

type ownWay struct {
	About string `json:"about"`
	Alg   string `json:"alg"`
	Token string `json:"token"`
}

type answer struct {
	Keys     map[string]keys `json:"keys"`
	Tokens   []string        `json:"tokens"`
	OwnWays  []ownWay        `json:"ownWays"`
	Verdicts []bool          `json:"verdicts"`
}

type namedClaims struct {
	jwt.RegisteredClaims
	Name string `json:"name"`
}

var curves = map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}
var hashBytes = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

func must[Value any](value Value, err error) Value {
	if err != nil {
		panic(err)
	}
	return value
}

func newKey(alg string, rsaKey *rsa.PrivateKey) interface{} {
	switch alg[:2] {
	case "HS":
		secret := make([]byte, hashBytes[alg])
		must(rand.Read(secret))
		return secret
	case "ES":
		return must(ecdsa.GenerateKey(curves[alg], rand.Reader))
	case "Ed":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	}
	return rsaKey
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func materialOf(key interface{}) material {
	if secret, ok := key.([]byte); ok {
		return material{Secret: base64.RawURLEncoding.EncodeToString(secret)}
	}
	public := key.(crypto.Signer).Public()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate := must(x509.CreateCertificate(rand.Reader, template, template, public, key))
	return material{Pem: map[string]string{
		"SPKI":        pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(public))),
		"certificate": pemOf("CERTIFICATE", certificate),
	}}
}

func signed(alg string, claims jwt.Claims, header map[string]interface{}, key interface{}) string {
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), claims)
	for name, value := range header {
		if value == nil {
			delete(token.Header, name)
		} else {
			token.Header[name] = value
		}
	}
	return must(token.SignedString(key))
}

func ownWays(alg string, order order, key interface{}) []ownWay {
	now := time.Now()
	claims := func() namedClaims {
		return namedClaims{Name: "Zoë 林檎 😀", RegisteredClaims: jwt.RegisteredClaims{
			Issuer: order.Issuer, Subject: "alice", Audience: jwt.ClaimStrings{order.Audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
		}}
	}
	ways := []ownWay{{"RegisteredClaims, which write one audience as a list", alg, signed(alg, claims(), nil, key)}}
	jwt.TimePrecision, jwt.MarshalSingleStringAsArray = time.Millisecond, false
	ways = append(ways, ownWay{"RegisteredClaims to the millisecond, and one audience as a string", alg, signed(alg, claims(), nil, key)})
	jwt.TimePrecision, jwt.MarshalSingleStringAsArray = time.Second, true
	return ways
}

func publicKey(alg string, key material) (interface{}, error) {
	text := []byte(key.Pem["SPKI"])
	switch alg[:2] {
	case "HS":
		return base64.RawURLEncoding.DecodeString(key.Secret)
	case "ES":
		return jwt.ParseECPublicKeyFromPEM(text)
	case "Ed":
		return jwt.ParseEdPublicKeyFromPEM(text)
	}
	return jwt.ParseRSAPublicKeyFromPEM(text)
}

func main() {
	var order order
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		panic(err)
	}
	answer := answer{Keys: map[string]keys{}}
	own, other := must(rsa.GenerateKey(rand.Reader, 2048)), must(rsa.GenerateKey(rand.Reader, 2048))
	signers := map[string]interface{}{}
	for _, alg := range order.Algorithms {
		signers[alg] = newKey(alg, own)
		answer.Keys[alg] = keys{Own: materialOf(signers[alg]), Other: materialOf(newKey(alg, other))}
	}
	for _, token := range order.Tokens {
		header := map[string]interface{}{}
		if len(token.Typ) > 0 {
			var typ interface{}
			if err := json.Unmarshal(token.Typ, &typ); err != nil {
				panic(err)
			}
			header["typ"] = typ
		}
		if token.Kid {
			header["kid"] = strings.ToLower(token.Alg)
		}
		answer.Tokens = append(answer.Tokens, signed(token.Alg, token.Claims, header, signers[token.Alg]))
	}
	for _, alg := range []string{"HS256", "ES256"} {
		answer.OwnWays = append(answer.OwnWays, ownWays(alg, order, signers[alg])...)
	}
	for _, check := range order.Checks {
		parser := jwt.NewParser(jwt.WithValidMethods([]string{check.Alg}))
		_, err := parser.Parse(check.Token, func(*jwt.Token) (interface{}, error) { return publicKey(check.Alg, check.Key) })
		if err != nil && !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			panic(err)
		}
		answer.Verdicts = append(answer.Verdicts, err == nil)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		panic(err)
	}
}
