package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// modes are the two ways in which the form must work.
var modes = map[string]bool{"with JavaScript": true, "without JavaScript": false}

func TestForm_LeadGoesFromTheBrowserToTheReceiver(t *testing.T) {
	t.Parallel()
	for mode, script := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			email := person()
			b := newTab(t, up.address(), script)
			b.open("/?utm_source=boletim&utm_campaign=maio%E2%80%8B") // a zero-width space, which the API refuses
			consent := b.consent()
			b.fill(map[string]string{
				"name": "João D'Ávila \"Jota\"", "email": email, "phone": "11 91234-5678", "company": "Ácido & Cia",
				"message": "Linha 1\nLinha 2 <b>\\",
			})
			b.click("consent-accepted")
			b.click("submit")
			reference := b.receipt("/obrigado/")
			if title := look[string](b, "document.title"); title != "Pedido recebido" {
				t.Errorf("title = %q", title)
			}

			got := up.receiver.wait(t, email, 1, soon)[0].event.Data
			if got.Reference != reference || got.Name != "João D'Ávila \"Jota\"" || got.Phone != "+5511912345678" || got.Company != "Ácido & Cia" ||
				got.Message != "Linha 1\nLinha 2 <b>\\" || got.Locale != "pt-BR" || got.Consent.Marketing {
				t.Errorf("the receiver got %+v", got)
			}
			if got.Consent.TextID != consent.ID || got.Consent.TextVersion != consent.Version {
				t.Errorf("consent %+v, want %s version %s", got.Consent, consent.ID, consent.Version)
			}
			campaign, source := "maio", "boletim"
			if !script { // nothing but a script can copy the address into the form
				campaign, source = "", "direct"
			}
			if got.UTM["campaign"] != campaign || got.Source != source {
				t.Errorf("campaign %q from %q, want %q from %q", got.UTM["campaign"], got.Source, campaign, source)
			}

			type row struct{ Reference, Status, TextHash string }
			eventually(t, soon, leadStatus(t, got.ID, "delivered"))
			rows := query[row](t, `select l.reference, l.status, c.text_hash from nigredo.leads as l
				join nigredo.consents as c on c.lead_id = l.id where l.email = $1`, email)
			if want := (row{reference, "delivered", consent.Hash}); len(rows) != 1 || rows[0] != want {
				t.Errorf("rows %+v, want %+v", rows, want)
			}
			waitStatus(t, deliveryOf(got.ID), types.ExecutionStatusSucceeded, soon)
			requireHistory(t, deliveryOf(got.ID), slices.Concat(historyStarted, historyDelivered)...)
		})
	}
}

// consent is what the form says a person agrees to.
type consent struct{ ID, Version, Hash, Sentence string }

// consent reads it from the page, where the hash must be that of the sentence.
func (b *tab) consent() consent {
	b.t.Helper()
	c := look[consent](b, `(() => {
		const form = document.getElementById("form");
		const hidden = (name) => form.elements.namedItem("consent." + name).value;
		return {
			ID: hidden("textId"), Version: hidden("textVersion"), Hash: hidden("textHash"),
			Sentence: document.querySelector("label[for=consent-accepted]").textContent,
		};
	})()`)
	if sum := sha256.Sum256([]byte(c.Sentence)); c.Hash != hex.EncodeToString(sum[:]) || c.ID == "" || c.Version == "" {
		b.t.Errorf("%+v is not the sentence beside the box", c)
	}
	return c
}

func TestForm_ErrorsStandBesideTheFieldsAndAnswersAreKept(t *testing.T) {
	t.Parallel()
	for mode, script := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			email, hostile := person(), `"><img src=x onerror=alert(1)>`
			b := newTab(t, up.address(), script)
			b.open("/en/")
			b.fill(map[string]string{"email": "ana@", "phone": "12", "company": hostile, "message": "</textarea><script>alert(1)</script>"})
			b.click("consent-marketing")
			b.click("submit")

			lines := b.summary()
			if len(lines) != 4 {
				t.Fatalf("summary %q, want errors for name, email, phone and consent", lines)
			}
			for i, id := range []string{"name", "email", "phone", "consent-accepted"} {
				type field struct{ Message, Invalid, Described, Link string }
				got := look[field](b, `(() => {
					const field = document.getElementById("`+id+`");
					return {
						Message: document.getElementById("`+id+`-error")?.textContent ?? "",
						Invalid: field.getAttribute("aria-invalid") ?? "",
						Described: field.getAttribute("aria-describedby") ?? "",
						Link: [...document.querySelectorAll("#summary-list a")][`+string(rune('0'+i))+`]?.getAttribute("href") ?? "",
					};
				})()`)
				if got.Message != lines[i] || got.Invalid != "true" || got.Link != "#"+id || !slices.Contains(strings.Fields(got.Described), id+"-error") {
					t.Errorf("%s: %+v does not show %q", id, got, lines[i])
				}
			}
			if title := look[string](b, "document.title"); !strings.HasPrefix(title, "Error: ") {
				t.Errorf("title = %q", title)
			}
			b.wait(`document.activeElement.id === "summary"`)
			kept := look[[]string](b, `["email", "phone", "company", "message"].map((id) => document.getElementById(id).value)`)
			if want := []string{"ana@", "12", hostile, "</textarea><script>alert(1)</script>"}; !slices.Equal(kept, want) {
				t.Errorf("answers %q, want %q", kept, want)
			}
			if boxes := look[[]bool](b, `["consent-accepted", "consent-marketing"].map((id) => document.getElementById(id).checked)`); !slices.Equal(boxes, []bool{false, true}) {
				t.Errorf("boxes %v, want only the second ticked", boxes)
			}

			b.do(chromedp.Click(`#summary-list a[href="#email"]`))
			b.wait(`document.activeElement.id === "email" || location.hash === "#email"`)
			b.fill(map[string]string{"name": "Ana Souza", "email": email, "phone": "+1 212 555 0123", "company": "Acid"})
			b.click("consent-accepted")
			b.click("submit")
			reference := b.receipt("/en/thank-you/")
			got := up.receiver.wait(t, email, 1, soon)[0].event.Data
			if got.Reference != reference || got.Locale != "en" || !got.Consent.Marketing || got.Phone != "+12125550123" {
				t.Errorf("the receiver got %+v", got)
			}
		})
	}
}

// TestForm_SecondClickIsNoSecondLead clicks again while the answer to the first
// click is on its way: the script ignores it.
func TestForm_SecondClickIsNoSecondLead(t *testing.T) {
	t.Parallel()
	email := person()
	b := newTab(t, up.address(), true)
	b.open("/")
	b.fill(map[string]string{"name": "Ana Souza", "email": email})
	b.click("consent-accepted")
	b.intercept(fetch.RequestStageResponse, func(fetch.RequestID) { b.click("submit") })
	b.requireOneLead(email)
	if n := b.sent(); n != 1 {
		t.Errorf("the script sent %d leads, want 1", n)
	}
}

// TestForm_DoubleClickWithoutJavaScriptIsOneLead: the browser may post twice, the
// server knows the second post by its content.
func TestForm_DoubleClickWithoutJavaScriptIsOneLead(t *testing.T) {
	t.Parallel()
	email := person()
	b := newTab(t, up.address(), false)
	b.open("/")
	b.fill(map[string]string{"name": "Ana Souza", "email": email})
	b.click("consent-accepted")
	b.do(chromedp.ScrollIntoView(chromedp.ID("submit")))
	at := look[[]float64](b, `(({ x, y }) => [x + 10, y + 10])(document.getElementById("submit").getBoundingClientRect())`)
	b.do(chromedp.MouseClickXY(at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
	b.requireOneLead(email)
}

// requireOneLead waits for the receipt and compares it with what was stored and
// delivered.
func (b *tab) requireOneLead(email string) {
	b.t.Helper()
	reference := b.receipt("/obrigado/")
	if got := up.receiver.wait(b.t, email, 1, soon)[0].event.Data; got.Reference != reference {
		b.t.Errorf("the page shows %s, the receiver got %s", reference, got.Reference)
	}
	if n := leads(b.t, email); n != 1 {
		b.t.Errorf("%d leads, want 1", n)
	}
}

func TestForm_LimitedCallerIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	for mode, script := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			address, email := up.address(), person()
			for range slots {
				up.accept(t, request{address: address, body: lead(person())})
			}
			b := newTab(t, address, script)
			b.open("/")
			b.fill(map[string]string{"name": "Ana Souza", "email": email, "message": "Olá"})
			b.click("consent-accepted")
			b.click("submit")
			lines := b.summary()
			if len(lines) != 1 || !strings.Contains(lines[0], "60 minutos") {
				t.Errorf("summary %q, want the minutes to wait", lines)
			}
			kept := look[[]string](b, `["name", "email", "message"].map((id) => document.getElementById(id).value)`)
			if !slices.Equal(kept, []string{"Ana Souza", email, "Olá"}) {
				t.Errorf("answers %q are not those given", kept)
			}
			if !look[bool](b, `document.getElementById("consent-accepted").checked`) {
				t.Error("the box is no longer ticked")
			}
			if n := leads(t, email); n != 0 {
				t.Errorf("%d leads, want none", n)
			}
		})
	}
}

// TestForm_LostAnswerIsNoSecondLead cuts the line after the server has answered:
// the caller cannot know, and sends again.
func TestForm_LostAnswerIsNoSecondLead(t *testing.T) {
	t.Parallel()
	email := person()
	b := newTab(t, up.address(), true)
	b.open("/")
	b.fill(map[string]string{"name": "Ana Souza", "email": email})
	b.click("consent-accepted")
	b.intercept(fetch.RequestStageResponse, func(id fetch.RequestID) {
		command(b, fetch.FailRequest, fetch.FailRequestParams{RequestID: id, ErrorReason: network.ErrorReasonInternetDisconnected})
	})
	lines := b.summary()
	if len(lines) != 1 || !strings.Contains(lines[0], "sem conexão") {
		t.Errorf("summary %q, want that the connection is lost", lines)
	}
	if state := look[string](b, `document.getElementById("submit").getAttribute("aria-disabled") ?? ""`); state != "" {
		t.Error("the button cannot be used again")
	}
	b.click("submit")
	b.requireOneLead(email)
}

func TestForm_UnavailableServiceKeepsTheAnswers(t *testing.T) {
	t.Parallel()
	email := person()
	b := newTab(t, up.address(), true)
	b.open("/en/")
	b.fill(map[string]string{"name": "Ana Souza", "email": email})
	b.click("consent-accepted")
	b.intercept(fetch.RequestStageRequest, func(id fetch.RequestID) {
		command(b, fetch.FulfillRequest, fetch.FulfillRequestParams{
			RequestID: id, ResponseCode: 503, Body: []byte("upstream down"), // what a proxy may say: not JSON
		})
	})
	if lines := b.summary(); len(lines) != 1 || !strings.Contains(lines[0], "Your answers are still here") {
		t.Errorf("summary %q", lines)
	}
	b.click("submit")
	b.receipt("/en/thank-you/")
	if n := leads(t, email); n != 1 {
		t.Errorf("%d leads, want 1", n)
	}
}

// intercept presses the button and hands its one API call to handle, at the
// stage given; later calls go through.
func (b *tab) intercept(stage fetch.RequestStage, handle func(fetch.RequestID)) {
	b.t.Helper()
	command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/api/leads", RequestStage: stage}}})
	paused, err := chromedp.Run(b.ctx, chromedp.WaitEvent(fetch.RequestPaused, nil, chromedp.Click(chromedp.ID("submit"))))
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	if stage == fetch.RequestStageRequest {
		if label := look[string](b, `document.getElementById("status").textContent`); label == "" {
			b.t.Error("nothing says that the form is being sent")
		}
		if state := look[string](b, `document.getElementById("submit").getAttribute("aria-disabled")`); state != "true" {
			b.t.Errorf("aria-disabled = %q while sending", state)
		}
	}
	handle(paused.RequestID)
	command(b, fetch.Disable, cdp.Empty{})
}

func TestForm_KeyboardReachesEveryFieldButTheTrap(t *testing.T) {
	t.Parallel()
	b := newTab(t, up.address(), true)
	b.open("/")
	type stop struct {
		At     string
		InForm bool
	}
	var stops, fields []string
	for range 40 {
		b.do(chromedp.KeyEvent("\t"))
		got := look[stop](b, `(({ id, className, href, form }) => ({ At: id || className || href || "", InForm: Boolean(form) }))(document.activeElement)`)
		stops = append(stops, got.At)
		if got.InForm {
			fields = append(fields, got.At)
		}
		if got.At == "submit" {
			break
		}
	}
	if want := []string{"skip", "brand", "language"}; len(stops) < 3 || !slices.Equal(stops[:3], want) {
		t.Errorf("the tab key goes to %q, want %q first", stops, want)
	}
	want := []string{"name", "email", "phone", "company", "message", "consent-accepted", "consent-marketing", "submit"}
	if !slices.Equal(fields, want) {
		t.Errorf("in the form the tab key goes to %q, want %q", fields, want)
	}
}

func TestPages_FitASmallScreen(t *testing.T) {
	t.Parallel()
	b := newTab(t, up.address(), true)
	for _, scheme := range []string{"light", "dark"} {
		command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		for _, width := range []int64{320, 640, 1280} { // 640 is a screen of 1280 at 200 %
			b.do(chromedp.EmulateViewport(width, 800))
			for _, path := range []string{"/", "/en/", "/obrigado/?ref=NG-7K3M-9Q2X", "/en/thank-you/", "/nothing", "/?variant=a", "/?variant=b"} {
				b.open(path)
				if got := look[int64](b, "document.documentElement.scrollWidth"); got > width {
					t.Errorf("%s scrolls sideways at %d px: %d", path, width, got)
				}
				if got := look[float64](b, contrast); got < 4.5 {
					t.Errorf("%s has text of contrast %.1f in the %s scheme", path, got, scheme)
				}
			}
		}
	}
}

// contrast gives the lowest contrast of a text on the page to the ground below
// it, by the formula of WCAG 2.
const contrast = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
	const luminance = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
		const v = c[i] / 255;
		return sum + share * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	}, 0);
	const ground = (element) => {
		for (; element; element = element.parentElement) {
			const c = rgb(getComputedStyle(element).backgroundColor);
			if (c[3] === 255) return c;
		}
		return [255, 255, 255, 255];
	};
	let lowest = 21;
	for (const element of document.body.querySelectorAll("*")) {
		if (![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !element.checkVisibility()) continue;
		const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(ground(element))].sort((x, y) => y - x);
		lowest = Math.min(lowest, (a + 0.05) / (b + 0.05));
	}
	return lowest;
})()`
