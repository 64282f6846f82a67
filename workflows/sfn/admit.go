package sfn

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// admit refuses whatever a web page could have caused and whatever is not a
// request of the protocol; see the package comment.
func admit(req *http.Request) error {
	if !loopback(req.Host) {
		return denied("the Host of the request is not a loopback address")
	}
	if req.Header.Get("Origin") != "" || req.Header.Get("Sec-Fetch-Mode") != "" {
		return denied("requests from a browser are refused")
	}
	if req.Method != http.MethodPost || req.URL.Path != "/" {
		return &wireError{
			status: http.StatusNotFound, namespace: coralService, kind: "UnknownOperationException",
			message: "the API answers POST / only",
		}
	}
	if media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || media != contentType {
		return &wireError{
			status: http.StatusUnsupportedMediaType, namespace: coralService, kind: "UnsupportedMediaTypeException",
			message: "the content type must be " + contentType,
		}
	}
	return nil
}

func denied(message string) error {
	return &wireError{status: http.StatusForbidden, namespace: coralService, kind: "AccessDeniedException", message: message}
}

// loopback says whether host, with or without a port, is a loopback address or
// localhost, bare or behind the sync- prefix of StartSyncExecution.
func loopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimPrefix(strings.ToLower(name), "sync-")
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.IsLoopback()
}
