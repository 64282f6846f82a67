package gateway

import "testing"

const site = "https://alquimista.ai"

func TestCORS_OnlyTheExactOrigin(t *testing.T) {
	t.Parallel()
	for origin, allowed := range map[string]bool{
		site: true, "": false, "null": false, "*": false, "https://alquimista.ai.evil.example": false,
		"https://evil.example": false, "http://alquimista.ai": false, "https://alquimista.ai/": false, "https://ALQUIMISTA.ai": false,
	} {
		b := setup(t)
		b.AllowOrigin = site
		h := b.serve(t)
		post := request("POST", "/api/leads", "{}")
		preflight := request("OPTIONS", "/api/leads", "", "Access-Control-Request-Method", "POST")
		refused := request("GET", "/api/leads", "")
		if origin != "" {
			post.Header.Set("Origin", origin)
			preflight.Header.Set("Origin", origin)
			refused.Header.Set("Origin", origin)
		}
		want, status := "", 404
		if allowed {
			want, status = site, 204
		}
		if got := send(h, post).Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%q: post allows %q", origin, got)
		}
		if got := send(h, refused).Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%q: refusal allows %q", origin, got)
		}
		w := send(h, preflight)
		if w.Code != status || w.Header().Get("Access-Control-Allow-Origin") != want {
			t.Errorf("%q: preflight %d %v", origin, w.Code, w.Header())
		}
		if allowed && w.Header().Get("Access-Control-Allow-Methods") == "" {
			t.Error("preflight names no methods")
		}
	}
}

func TestCORS_PreflightOfAnUnknownPathIs404(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.AllowOrigin = site
	mustBeProblem(t, send(b.serve(t), request("OPTIONS", "/api/nothing", "", "Origin", site)), 404)
}

func TestCORS_OffByDefault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := send(b.serve(t), request("POST", "/api/leads", "{}", "Origin", site))
	if w.Code != 201 || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Vary") != "" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}
