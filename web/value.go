package web

import (
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
)

// formatID writes an id for an address or a form.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// parseID reads an id; what is none is 0, which is no row's.
func parseID(s string) int64 {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

func pathID(r *http.Request, name string) int64 { return parseID(r.PathValue(name)) }

func contains(list []int64, id int64) bool { return slices.Contains(list, id) }

// fileHeaders are the files of a form; a file field left empty is none.
func fileHeaders(r *http.Request) []*multipart.FileHeader {
	if r.MultipartForm == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.MultipartForm.File["file"]), func(h *multipart.FileHeader) bool { return h.Filename == "" && h.Size == 0 })
}
