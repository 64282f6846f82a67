package lead

// Cause is the class of a failed attempt: where on the way it ended. The list is
// closed; webhook_logs checks it.
type Cause string

// The causes.
const (
	CauseHTTP           Cause = "http"            // the receiver answered, with a status that is no success
	CauseDNS            Cause = "dns"             // the host name stands for no address, or the name servers gave none in time
	CauseBlocked        Cause = "blocked"         // the address is not one that events may be sent to
	CauseRefused        Cause = "refused"         // nobody listens there
	CauseTimeoutConnect Cause = "timeout_connect" // no connection in time
	CauseTLS            Cause = "tls"             // no common TLS, or a certificate that is not trusted
	CauseTimeoutTLS     Cause = "timeout_tls"     // TLS was not agreed on in time
	CauseReset          Cause = "reset"           // the connection was closed before an answer
	CauseTimeoutAnswer  Cause = "timeout_answer"  // the event was sent and no answer came in time
	CauseProtocol       Cause = "protocol"        // an answer that is not HTTP, or of headers without end
	CauseSecret         Cause = "secret"          // there was none to sign with; nothing was sent
	CauseConnection     Cause = "connection"      // anything else: no route, no memory
)

// Causes lists them.
func Causes() []Cause {
	return []Cause{
		CauseHTTP, CauseDNS, CauseBlocked, CauseRefused, CauseTimeoutConnect, CauseTLS,
		CauseTimeoutTLS, CauseReset, CauseTimeoutAnswer, CauseProtocol, CauseSecret, CauseConnection,
	}
}
