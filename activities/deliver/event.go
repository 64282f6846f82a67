package deliver

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// webhookID is the id under which every attempt of an event is sent.
func webhookID(event uuid.UUID) string { return "msg_" + event.String() }

// event is the body of lead.created (states/schemas/lead.created.json). Its
// time is that of the lead, not of the attempt: every attempt sends equal bytes.
func event(l lead.Record) ([]byte, error) {
	created := task.Time(l.CreatedAt)
	return json.Marshal(message{
		Type: "lead.created", Timestamp: created,
		Data: data{
			ID: l.ID, Reference: l.Reference, Name: l.Name, Email: l.Email, Company: l.Company, Phone: l.Phone, Message: l.Message,
			Source: l.Source, UTM: l.UTM, Locale: l.Locale, CreatedAt: created,
			Consent: consent{Marketing: l.Consent.Marketing, TextID: l.Consent.TextID, TextVersion: l.Consent.TextVersion},
		},
	})
}

type message struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      data   `json:"data"`
}

type data struct {
	ID        lead.ID           `json:"id"`
	Reference string            `json:"reference"`
	Name      string            `json:"name"`
	Email     string            `json:"email"`
	Company   string            `json:"company,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	Message   string            `json:"message,omitempty"`
	Source    string            `json:"source"`
	UTM       map[string]string `json:"utm,omitempty"`
	Locale    string            `json:"locale"`
	Consent   consent           `json:"consent"`
	CreatedAt string            `json:"createdAt"`
}

type consent struct {
	Marketing   bool   `json:"marketing"`
	TextID      string `json:"textId"`
	TextVersion string `json:"textVersion"`
}
