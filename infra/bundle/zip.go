package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// packed is the time of every file in a zip: the earliest that the format can say.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes a zip with a program as bootstrap, which everybody may run, and gives its
// size. A zip that holds the program already is left as it is.
func pack(name, program string) (size int, err error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return 0, err
	}
	if size, ok := holds(name, content); ok {
		return size, nil
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
	return out.Len(), os.WriteFile(name, out.Bytes(), 0o600)
}

// holds tells whether a zip is what pack would make of a program, by its checksum.
func holds(name string, program []byte) (size int, ok bool) {
	r, err := zip.OpenReader(name)
	if err != nil {
		return 0, false
	}
	defer r.Close() //nolint:errcheck // only read
	if len(r.File) != 1 {
		return 0, false
	}
	f := r.File[0]
	info, err := os.Stat(name)
	if err != nil {
		return 0, false
	}
	return int(info.Size()), f.Name == "bootstrap" && f.Mode() == 0o755 && f.Modified.Equal(packed) &&
		f.UncompressedSize64 == uint64(len(program)) && f.CRC32 == crc32.ChecksumIEEE(program)
}
