package rights

import "github.com/alquimista-ai/nigredo/activities/lead"

// message says in a sentence what to do about a fault, and never quotes the value.
func message(locale, field, code string) string {
	words := portuguese
	if locale == lead.English {
		words = english
	}
	if text := words(field + " " + code); text != "" {
		return text
	}
	if text := words(field); text != "" && code != codeUnknown {
		return text
	}
	return words(code)
}

// portuguese gives the words for a field and code, for a field, or for a code.
func portuguese(of string) string {
	switch of {
	case "kind":
		return "Escolha o direito que você quer exercer"
	case "email too_long":
		return "O e-mail pode ter no máximo 254 caracteres"
	case "email":
		return "Digite um e-mail no formato nome@exemplo.com"
	case "reference":
		return "Digite a referência como no recibo, como NG-7K3M-9Q29, ou deixe o campo vazio"
	case "message too_long":
		return "Escreva no máximo 1000 caracteres"
	case "message":
		return "Escreva a mensagem de novo: ela tem caracteres que não podemos receber"
	case "locale":
		return "Envie pt-BR ou en"
	case codeUnknown:
		return "Retire este campo: o formulário não o conhece"
	}
	return ""
}

func english(of string) string {
	switch of {
	case "kind":
		return "Choose the right that you want to use"
	case "email too_long":
		return "Email address must be 254 characters or fewer"
	case "email":
		return "Enter an email address in the format name@example.com"
	case "reference":
		return "Enter the reference as on the receipt, like NG-7K3M-9Q29, or leave it empty"
	case "message too_long":
		return "Message must be 1000 characters or fewer"
	case "message":
		return "Type the message again: it has characters that we cannot take"
	case "locale":
		return "Send pt-BR or en"
	case "outcome":
		return "outcome is answered, refused, unidentified or duplicate."
	case "reason":
		return "reason is 1 to 500 characters on one line. It is kept with the request: it must not name persons."
	case codeUnknown:
		return "Leave this member out: there is none of this name."
	}
	return ""
}
