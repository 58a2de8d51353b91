package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"
)

//go:embed assets/*
var assetFiles embed.FS

// mediaTypes are those of our assets; nothing else is served.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assetURL is where an asset is found as it is in this build: its address changes
// with its bytes, so that browsers may keep it for good.
func assetURL(name string) (string, error) {
	text, err := assetFiles.ReadFile("assets/" + name)
	sum := sha256.Sum256(text)
	return Prefix + "/assets/" + hex.EncodeToString(sum[:6]) + "/" + name, err
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	known, err := assetURL(name)
	text, _ := assetFiles.ReadFile("assets/" + name)
	if err != nil || mediaTypes[path.Ext(name)] == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaTypes[path.Ext(name)])
	if r.URL.Path == known { // another build's address gets this build's bytes, for now
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}
