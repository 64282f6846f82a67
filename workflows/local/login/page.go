package login

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/op"
	"go.uber.org/zap"
)

//go:embed page.html
var pageHTML string

// page shows the demo users.
func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if _, err := p.storage.AuthRequestByID(r.Context(), id); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page, err := template.New("page").Parse(pageHTML)
	if err != nil {
		http.Error(w, "the page is broken", http.StatusInternalServerError)
		p.log.Error("Login: page not parsed", zap.Error(err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	err = page.Execute(w, struct {
		ID    string
		Users []User
	}{id, users()})
	if err != nil {
		p.log.Info("Login: page not sent", zap.Error(err))
	}
}

// signIn takes the choice and sends the browser on with a code.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	user, err := userNamed(r.PostFormValue("user"))
	if err != nil {
		http.Error(w, "there is no such user", http.StatusBadRequest)
		return
	}
	id := r.PostFormValue("id")
	if err := p.storage.signIn(id, user); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.log.Info("Login: signed in", zap.String("role", user.Name))
	ctx := op.ContextWithIssuer(r.Context(), p.storage.signer.issuer)
	http.Redirect(w, r, op.AuthCallbackURL(p.op)(ctx, id), http.StatusSeeOther)
}
