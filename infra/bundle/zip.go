package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"time"
)

// packed is the time of every file in a zip: the earliest that the format can say.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes a zip with a program as bootstrap, which everybody may run, and gives its
// size. A zip that has these bytes already keeps its time, so that what depends on it
// need not be made anew.
func pack(name, program string) (size int, err error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: packed}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		return 0, err
	}
	if _, err := file.Write(content); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	if before, err := os.ReadFile(name); err == nil && bytes.Equal(before, out.Bytes()) {
		return out.Len(), nil
	}
	return out.Len(), os.WriteFile(name, out.Bytes(), 0o600)
}
