package validate

import (
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// message says in a sentence what to do about a fault: what to type, not what
// was wrong with it (the pattern of GOV.UK), and never the value.
func message(locale string, f fault) string {
	words := englishMessage
	if locale == lead.PortugueseBrazil {
		words = portugueseMessage
	}
	field := strings.Join(f.path, ".")
	if f.code == codeDuplicate || f.code == codeRepeated {
		field = "" // whatever was typed there, once would do
	}
	if text := words(field, f.code); text != "" {
		return text
	}
	return words("", f.code)
}

// portugueseMessage gives the words for a field and code, or those for a code
// in any field when field is empty.
func portugueseMessage(field, code string) string {
	switch field {
	case "name":
		switch code {
		case codeTooLong:
			return "O nome pode ter no máximo 120 caracteres"
		case codeCharacters:
			return "Digite o nome de novo: ele tem caracteres invisíveis ou de controle"
		case codeRequired, codeTooShort, codeFormat, codeWrongType:
			return "Digite seu nome completo"
		}
	case "email":
		if code == codeTooLong {
			return "O e-mail pode ter no máximo 254 caracteres"
		}
		return "Digite um e-mail no formato nome@exemplo.com"
	case "phone":
		return "Digite um telefone com DDD, como (11) 91234-5678"
	case "company":
		switch code {
		case codeTooLong:
			return "O nome da empresa pode ter no máximo 120 caracteres"
		case codeCharacters:
			return "Digite o nome da empresa de novo: ele tem caracteres invisíveis ou de controle"
		}
	case "message":
		switch code {
		case codeTooLong:
			return "Escreva no máximo 1000 caracteres"
		case codeCharacters:
			return "Escreva a mensagem de novo: ela tem caracteres que não podemos receber"
		}
	case "consent", "consent.accepted":
		return "Marque a autorização para que possamos responder"
	case "":
		return portugueseGeneral(code)
	}
	return ""
}

func portugueseGeneral(code string) string {
	switch code {
	case codeRequired:
		return "Preencha este campo"
	case codeUnknown:
		return "Retire este campo: o formulário não o conhece"
	case codeWrongType:
		return "Envie um valor do tipo que o formulário pede"
	case codeTooShort, codeTooLong:
		return "Envie um texto do tamanho que o formulário aceita"
	case codeNotAllowed:
		return "Escolha um dos valores que o formulário aceita"
	case codeCharacters:
		return "Retire os caracteres invisíveis ou de controle"
	case codeTooLarge:
		return "Escreva menos: o pedido inteiro pode ter no máximo 16 KiB"
	}
	return "Envie um valor no formato que o formulário pede"
}

// englishMessage is portugueseMessage in English.
func englishMessage(field, code string) string {
	switch field {
	case "name":
		switch code {
		case codeTooLong:
			return "Name must be 120 characters or fewer"
		case codeCharacters:
			return "Type your name again: it has invisible or control characters"
		case codeRequired, codeTooShort, codeFormat, codeWrongType:
			return "Enter your full name"
		}
	case "email":
		if code == codeTooLong {
			return "Email address must be 254 characters or fewer"
		}
		return "Enter an email address in the format name@example.com"
	case "phone":
		return "Enter a phone number with its area code, like +55 11 91234-5678"
	case "company":
		switch code {
		case codeTooLong:
			return "Company must be 120 characters or fewer"
		case codeCharacters:
			return "Type the company again: it has invisible or control characters"
		}
	case "message":
		switch code {
		case codeTooLong:
			return "Message must be 1000 characters or fewer"
		case codeCharacters:
			return "Type the message again: it has characters that we cannot take"
		}
	case "consent", "consent.accepted":
		return "Tick the box so that we may answer you"
	case "":
		return englishGeneral(code)
	}
	return ""
}

func englishGeneral(code string) string {
	switch code {
	case codeRequired:
		return "Fill in this field"
	case codeUnknown:
		return "Leave this field out: the form does not know it"
	case codeWrongType:
		return "Send a value of the type that the form asks for"
	case codeTooShort, codeTooLong:
		return "Send a text of the length that the form takes"
	case codeNotAllowed:
		return "Choose one of the values that the form takes"
	case codeCharacters:
		return "Take out invisible and control characters"
	case codeEmpty:
		return "The body is empty"
	case codeJSON:
		return "The body is not one JSON value in UTF-8"
	case codeNotObject:
		return "The body is JSON but not an object"
	case codeDuplicate:
		return "The body has a member twice"
	case codeEncoding:
		return "The body is not UTF-8"
	case codeNUL:
		return "The body has a NUL character"
	case codeTooDeep:
		return "The body is nested deeper than 8 levels"
	case codeTooManyKeys:
		return "The body has more than 64 members"
	case codeForm:
		return "The body is not URL-encoded"
	case codeRepeated:
		return "The form has a field twice"
	case codeKey:
		return "The header Idempotency-Key is not a string of 1 to 255 signs"
	case codeTooLarge:
		return "The body is larger than 16 KiB"
	case codeMediaType:
		return "Send application/json or application/x-www-form-urlencoded in UTF-8"
	}
	return "Send a value in the format that the form asks for"
}
