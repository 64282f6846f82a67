package receiver

import "fmt"

// advice says what to change so that the answer is another one.
func (c check) advice(a Answer) (fix, snippet string) {
	switch {
	case a.Status == 0:
		return a.fix, ""
	case a.Status == 429:
		return "It limits what we send: let this check's requests through, 18 at most, and as many deliveries as you expect.", ""
	case c.refuse && !a.taken():
		return fmt.Sprintf("It refuses, but with %d: the sender takes that for an outage and tries again. Answer 401.", a.Status), ""
	case a.Status >= 500:
		return "It fails on this event: look for " + a.WebhookID + " in its log.", c.snippet
	case c.name == nameGood && (a.Status == 404 || a.Status == 410):
		return "Nothing takes webhooks at this path: check the URL.", ""
	case c.name == nameGood && a.Status == 405:
		return "Let the path take POST.", ""
	case a.fix != "":
		return a.fix, c.snippet
	}
	return c.fix, c.snippet
}

const (
	fixGood      = "It refuses what is signed well. Compare the secret: the key is the base64 behind whsec_, decoded. Verify over the raw bytes of the body, before anything parses them, and see that the clock is right."
	fixSpread    = "It verifies an event that was read and written anew. Verify over the raw bytes of the body, before anything parses them."
	fixBad       = "Verify the signature over webhook-id, webhook-timestamp and the raw body before anything else, in constant time; a missing header is a refusal too."
	fixStale     = "Refuse what is older than five minutes: whoever records a request could send it again for ever."
	fixFuture    = "Refuse what is more than five minutes ahead, not only what is old."
	fixDuplicate = "Answer 2xx to an id that was taken before: a refusal makes a failure of a delivery that arrived. Store webhook-id under a unique constraint, in the transaction that stores the event."
	fixTwo       = "Take the message when any entry of webhook-signature verifies, and pass over versions you do not know: while a secret is replaced there are two."
	fixSlow      = "Store the event, answer, and work later: a delivery waits five seconds, then counts as failed and is sent again."
	fixUnknown   = "Ignore members you do not know: events gain optional ones without notice."
	fixLarge     = "Take bodies of 64 KiB: also in the proxy before the receiver."
	fixNames     = "Keep text in UTF-8 from the request to the database, and verify the signature over the bytes, not over text that was decoded."
	fixRedirect  = "Answer at the URL itself: redirects are not followed. Register the URL it redirects to; often a slash at the end or https is what is missing."
)

const (
	snippetVerify = `body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
if err == nil {
	err = webhook.Verify(body, r.Header) // webhook, err := standardwebhooks.NewWebhook(secret)
}
if err != nil {
	http.Error(w, "not signed by us, or too old", http.StatusUnauthorized)
	return
}
`
	snippetTolerance = `sent, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
if err != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
	http.Error(w, "not from the last five minutes", http.StatusUnauthorized)
	return
}
`
	snippetDuplicate = `// CREATE TABLE received (webhook_id text PRIMARY KEY, body jsonb NOT NULL)
_, err := db.Exec(ctx, "INSERT INTO received VALUES ($1, $2) ON CONFLICT DO NOTHING", r.Header.Get("webhook-id"), body)
if err != nil {
	http.Error(w, "not stored", http.StatusInternalServerError) // it is sent again
	return
}
w.WriteHeader(http.StatusOK) // new or known
`
	snippetTwo = `for entry := range strings.FieldsSeq(r.Header.Get("webhook-signature")) {
	version, signature, _ := strings.Cut(entry, ",")
	if version == "v1" && hmac.Equal([]byte(signature), []byte(expected)) {
		return true
	}
}
return false
`
	snippetSlow = `if err := inbox.Store(ctx, r.Header.Get("webhook-id"), body); err != nil {
	http.Error(w, "not stored", http.StatusInternalServerError)
	return
}
w.WriteHeader(http.StatusAccepted) // a worker reads the inbox
`
	snippetUnknown = `err := json.Unmarshal(body, &event) // and no DisallowUnknownFields
`
	snippetLarge = `body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
`
)
