package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Rule 36: a check says whether photographs in HEIC are shown, and what to install.
func TestRule36CheckOfPictures(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if f := pictures(); f.err != nil || !strings.Contains(f.warning, "apt-get install libheif-examples") || !strings.Contains(f.warning, "download") {
		t.Errorf("without it: %+v", f)
	}
	if err := os.WriteFile(filepath.Join(dir, "heif-convert"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if f := pictures(); f.err != nil || f.warning != "" || f.kind != "heif-convert" {
		t.Errorf("with it: %+v", f)
	}
}
