// go run sign.go KEY SALT PATH
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"os"
)

// signPath returns the path with its signature in front. Key and salt are as in IMGPROXY_KEY and IMGPROXY_SALT;
// path begins with a slash.
func signPath(key, salt, path string) (string, error) {
	keyBytes, err := hex.DecodeString(key)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	saltBytes, err := hex.DecodeString(salt)
	if err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	mac := hmac.New(sha256.New, keyBytes)
	mac.Write(saltBytes)
	mac.Write([]byte(path))
	return "/" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + path, nil
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: sign KEY SALT PATH")
	}
	signed, err := signPath(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signed)
}
