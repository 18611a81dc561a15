package blob

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"
	"time"

	"filodiretto/internal/clock"
)

// fakeS3 answers the requests that S3 makes, from memory. It shows that we use
// the client's functions rightly; it does not check signatures (only that the
// signed hash is the body's) and proves nothing about a real object store (FILODIRETTO_TEST_S3 does).
type fakeS3 struct {
	bucket  string
	mu      sync.Mutex
	objects map[string]fakeObject
}

type fakeObject struct {
	body     []byte
	modified time.Time
}

func newFakeS3(bucket string) *fakeS3 {
	return &fakeS3{bucket: bucket, objects: map[string]fakeObject{}}
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AK/") {
		fakeError(w, http.StatusForbidden, "AccessDenied")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	o, found := f.objects[key]
	switch {
	case bucket != f.bucket:
		fakeError(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodHead:
	case key == "" && r.Method == http.MethodGet:
		f.list(w, r.URL.Query().Get("prefix"))
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		f.copy(w, key, r.Header.Get("X-Amz-Copy-Source"))
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Amz-Content-Sha256") != sumOf(body) {
			fakeError(w, http.StatusBadRequest, "IncompleteBody")
			return
		}
		f.objects[key] = fakeObject{body, clock.System{}.Now().Time().Truncate(time.Second)}
		w.Header().Set("ETag", `"x"`)
	case r.Method == http.MethodDelete:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case !found:
		fakeError(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"x"`)
		http.ServeContent(w, r, "", o.modified, bytes.NewReader(o.body))
	}
}

func (f *fakeS3) copy(w http.ResponseWriter, key, source string) {
	path, err := url.PathUnescape(strings.TrimPrefix(source, "/"))
	o, found := f.objects[strings.TrimPrefix(path, f.bucket+"/")]
	if err != nil || !found {
		fakeError(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	now := clock.System{}.Now().Time().Truncate(time.Second)
	f.objects[key] = fakeObject{o.body, now}
	fmt.Fprintf(w, "<CopyObjectResult><ETag>x</ETag><LastModified>%s</LastModified></CopyObjectResult>", now.UTC().Format(time.RFC3339))
}

func (f *fakeS3) list(w http.ResponseWriter, prefix string) {
	type content struct {
		Key          string
		LastModified string
		Size         int
	}
	result := struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []content
	}{}
	for key, o := range f.objects {
		if strings.HasPrefix(key, prefix) {
			result.Contents = append(result.Contents, content{key, o.modified.UTC().Format(time.RFC3339), len(o.body)})
		}
	}
	sort.Slice(result.Contents, func(i, j int) bool { return result.Contents[i].Key < result.Contents[j].Key })
	_ = xml.NewEncoder(w).Encode(result)
}

func fakeError(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}
