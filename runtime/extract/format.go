package extract

import (
	"path/filepath"
	"strings"
)

// format is what a name and a media type tell about content before it is read.
type format int

const (
	unknown format = iota // looked at; text if it looks like text
	office                // text can be had of it with help
	opaque                // holds no text
)

// formats are extensions whose content need not be looked at. Every other
// content is, so text needs no list.
var formats = map[string]format{
	"doc": office, "docx": office, "epub": office, "msg": office, "odp": office, "ods": office, "odt": office, "pdf": office,
	"potx": office, "ppt": office, "pptx": office, "rtf": office, "vsd": office, "vsdm": office, "vsdx": office, "xls": office,
	"xlsb": office, "xlsm": office, "xlsx": office,

	"7z": opaque, "a": opaque, "apk": opaque, "avi": opaque, "bmp": opaque, "bz2": opaque, "class": opaque,
	"db": opaque, "deb": opaque, "dll": opaque, "dmg": opaque, "ear": opaque, "eot": opaque, "exe": opaque, "flac": opaque,
	"gif": opaque, "gz": opaque, "heic": opaque, "ico": opaque, "iso": opaque, "jar": opaque, "jpeg": opaque, "jpg": opaque,
	"lib": opaque, "lz4": opaque, "m4a": opaque, "m4v": opaque, "mkv": opaque, "mov": opaque, "mp3": opaque, "mp4": opaque,
	"mpeg": opaque, "mpg": opaque, "o": opaque, "ogg": opaque, "otf": opaque, "png": opaque, "psd": opaque,
	"pyc": opaque, "rar": opaque, "rpm": opaque, "so": opaque, "sqlite": opaque, "tar": opaque, "tgz": opaque, "tif": opaque,
	"tiff": opaque, "ttf": opaque, "war": opaque, "wasm": opaque, "wav": opaque, "webm": opaque, "webp": opaque, "whl": opaque,
	"wmv": opaque, "woff": opaque, "woff2": opaque, "xz": opaque, "zip": opaque, "zst": opaque,
}

// formatOf judges by the extension, and by the media type where that says
// nothing.
func formatOf(name, mediaType string) format {
	if ext := filepath.Ext(name); len(ext) > 1 {
		if f := formats[strings.ToLower(ext[1:])]; f != unknown {
			return f
		}
	}
	return formatOfMedia(mediaType)
}

func formatOfMedia(mediaType string) format {
	if mediaType == "" {
		return unknown
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	kind, sub, _ := strings.Cut(mediaType, "/")
	switch {
	case kind == "image" && sub != "svg+xml", kind == "audio", kind == "video", kind == "font":
		return opaque
	case kind != "application":
		return unknown
	case sub == "pdf", sub == "rtf", sub == "msword", sub == "epub+zip",
		strings.HasPrefix(sub, "vnd.openxmlformats-officedocument."), strings.HasPrefix(sub, "vnd.oasis.opendocument."),
		strings.HasPrefix(sub, "vnd.ms-") && sub != "vnd.ms-fontobject", sub == "vnd.visio":
		return office
	case sub == "zip", sub == "gzip", sub == "wasm", sub == "java-archive":
		return opaque
	}
	return unknown
}
