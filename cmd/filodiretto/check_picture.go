package main

import "filodiretto/internal/picture"

// pictures says whether photographs in HEIC are shown. Without the program that reads
// them nothing is lost: they are offered as files.
func pictures() finding {
	if picture.Converter() == "" {
		return finding{name: "pictures", warning: "heif-convert is not installed (apt-get install libheif-examples): photographs in HEIC, as iPhones take them, are only offered for download, with no picture on the case's page; once it is installed, start `filodiretto serve` anew"}
	}
	return finding{name: "pictures", kind: "heif-convert", note: "JPEG PNG GIF HEIC"}
}
