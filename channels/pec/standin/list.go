package standin

import "bytes"

// ThroughList is an envelope as a mailing list passes it on: a word of it changed after
// the provider signed, all of it wrapped once more, and a line of the list's own below.
// What is no signed envelope is given back as it is.
func ThroughList(envelope []byte, word, other string) []byte {
	envelope = bytes.Replace(envelope, []byte(word), []byte(other), 1)
	at := bytes.Index(envelope, []byte("Content-Type: multipart/signed"))
	if at < 0 {
		return envelope
	}
	const mark = "lista"
	out := append(bytes.Clone(envelope[:at]), "Content-Type: multipart/mixed; boundary="+mark+"\r\n\r\n--"+mark+"\r\n"...)
	out = append(out, envelope[at:]...)
	return append(out, "\r\n--"+mark+"\r\nContent-Type: text/plain\r\n\r\nPer non ricevere altro: esci@lista.example\r\n--"+mark+"--\r\n"...)
}
