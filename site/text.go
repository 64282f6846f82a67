package site

// text is every sentence of the site in one language. A test requires each
// field in each language.
type text struct {
	Title, Description          string
	SkipLink                    string
	OtherLanguage               string // name of the other language, in that language
	Heading, Lead               string
	StepsHeading                string
	Steps                       []string
	DataHeading                 string
	Data                        []string
	FormHeading                 string
	Optional                    string
	Fields                      map[string]fieldText // by form name
	TrapLabel                   string
	Submit                      string
	Footer                      string
	SummaryHeading, TitlePrefix string
	Script                      scriptText
	Limited                     string // when nobody said for how long
	Running, Conflict           string
	Unreadable                  string
	ReceiptTitle                string
	ReceiptReference            string
	ReceiptNext                 []string
	NoReceiptTitle              string
	NoReceipt                   []string
	ToForm                      string
	NotFoundTitle, NotFound     string
	MethodTitle, Method         string
	WentWrongTitle, WentWrong   string
}

// fieldText is what stands at one field.
type fieldText struct {
	Label, Hint string
}

// scriptText is what assets/form.js says, handed over in data attributes.
// "{n}" stands for a number of minutes.
type scriptText struct {
	Sending, Offline, Unavailable, LimitedOne, LimitedMany, Changed string
}

func portuguese() text {
	return text{
		Title:         "Fale com a alquimista.ai",
		Description:   "Conte o que você precisa e receba uma resposta da alquimista.ai.",
		SkipLink:      "Ir para o formulário",
		OtherLanguage: "English",
		Heading:       "Conte o que você precisa",
		Lead:          "Preencha o formulário e a alquimista.ai responde por e-mail ou por telefone. Só o nome, o e-mail e a autorização são necessários.",
		StepsHeading:  "O que acontece depois",
		Steps: []string{
			"Seu pedido é gravado e recebe um número de referência, que aparece na tela.",
			"Ele segue para o sistema em que a nossa equipe acompanha os pedidos.",
			"A resposta chega no e-mail ou no telefone que você informou.",
		},
		DataHeading: "Seus dados",
		Data: []string{
			"Usamos os dados do formulário para responder ao pedido. Só enviamos novidades a quem marca a segunda caixa.",
			"Os dados ficam guardados até você pedir a exclusão ou, no máximo, por 24 meses depois do último contato.",
			"Você pode pedir acesso, correção ou exclusão, ou retirar a autorização, citando a referência do pedido. Esta página não usa cookies.",
		},
		FormHeading: "Seu pedido",
		Optional:    "(opcional)",
		Fields: map[string]fieldText{
			fieldName:    {Label: "Nome completo"},
			fieldEmail:   {Label: "E-mail", Hint: "Para enviarmos a resposta."},
			fieldPhone:   {Label: "Telefone", Hint: "Com DDD, em qualquer formato. Só se preferir falar por telefone."},
			fieldCompany: {Label: "Empresa"},
			fieldMessage: {Label: "Mensagem", Hint: "Até 1000 caracteres."},
		},
		TrapLabel:      "Deixe este campo em branco",
		Submit:         "Enviar pedido",
		Footer:         "alquimista.ai",
		SummaryHeading: "Há um problema",
		TitlePrefix:    "Erro: ",
		Script: scriptText{
			Sending:     "Enviando…",
			Offline:     "Não foi possível enviar: sem conexão com o servidor. Suas respostas continuam aqui; verifique a internet e envie de novo.",
			Unavailable: "O serviço não conseguiu receber o pedido agora. Suas respostas continuam aqui; envie de novo em alguns segundos.",
			LimitedOne:  "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo em 1 minuto.",
			LimitedMany: "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo em {n} minutos.",
			Changed:     "As respostas mudaram depois de um envio anterior. Confira e envie de novo.",
		},
		Limited:          "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo mais tarde.",
		Running:          "Este mesmo pedido ainda está sendo recebido. Envie de novo em alguns segundos para ver a referência.",
		Conflict:         "O pedido não foi aceito. Confira as respostas e envie de novo.",
		Unreadable:       "Não foi possível ler o pedido. Confira as respostas e envie de novo.",
		ReceiptTitle:     "Pedido recebido",
		ReceiptReference: "Referência do pedido",
		ReceiptNext: []string{
			"Anote a referência ou imprima esta página: com ela encontramos o seu pedido.",
			"Seu pedido foi gravado e segue para a nossa equipe. A resposta chega no e-mail ou no telefone que você informou.",
			"Para corrigir os dados, pedir a exclusão ou retirar a autorização, cite a referência quando falarmos com você.",
		},
		NoReceiptTitle: "Nenhum pedido nesta página",
		NoReceipt: []string{
			"Esta página mostra a referência logo depois do envio do formulário, e o endereço aberto não traz uma referência válida.",
			"Se você já enviou um pedido e anotou a referência, ela continua valendo; não é preciso enviar de novo.",
		},
		ToForm:         "Ir para o formulário",
		NotFoundTitle:  "Página não encontrada",
		NotFound:       "Confira o endereço digitado ou comece pela página inicial.",
		MethodTitle:    "Método não aceito",
		Method:         "Esta página só pode ser lida.",
		WentWrongTitle: "Algo deu errado",
		WentWrong:      "Não foi possível mostrar esta página. Tente de novo em alguns segundos.",
	}
}

func english() text {
	return text{
		Title:         "Contact alquimista.ai",
		Description:   "Tell us what you need and get an answer from alquimista.ai.",
		SkipLink:      "Skip to the form",
		OtherLanguage: "Português",
		Heading:       "Tell us what you need",
		Lead:          "Fill in the form and alquimista.ai will answer by email or by phone. Only your name, your email address and your permission are needed.",
		StepsHeading:  "What happens next",
		Steps: []string{
			"Your request is stored and gets a reference number, shown on the screen.",
			"It goes to the system in which our team follows requests.",
			"The answer reaches you by the email address or phone number you gave.",
		},
		DataHeading: "Your data",
		Data: []string{
			"We use the data in this form to answer your request. We send news only to people who tick the second box.",
			"We keep it until you ask us to delete it or, at most, for 24 months after the last contact.",
			"You can ask for access, correction or deletion, or withdraw your permission, by giving the reference of your request. This page uses no cookies.",
		},
		FormHeading: "Your request",
		Optional:    "(optional)",
		Fields: map[string]fieldText{
			fieldName:    {Label: "Full name"},
			fieldEmail:   {Label: "Email address", Hint: "So that we can send you the answer."},
			fieldPhone:   {Label: "Phone number", Hint: "In any format, with the country code if it is not Brazilian. Only if you prefer a call."},
			fieldCompany: {Label: "Company"},
			fieldMessage: {Label: "Message", Hint: "Up to 1000 characters."},
		},
		TrapLabel:      "Leave this field empty",
		Submit:         "Send request",
		Footer:         "alquimista.ai",
		SummaryHeading: "There is a problem",
		TitlePrefix:    "Error: ",
		Script: scriptText{
			Sending:     "Sending…",
			Offline:     "The request could not be sent: no connection to the server. Your answers are still here; check your connection and send again.",
			Unavailable: "The service could not take the request in just now. Your answers are still here; send again in a few seconds.",
			LimitedOne:  "Many requests came from your network in the last hour. Your answers are still here; try again in 1 minute.",
			LimitedMany: "Many requests came from your network in the last hour. Your answers are still here; try again in {n} minutes.",
			Changed:     "Your answers changed after an earlier attempt to send. Check them and send again.",
		},
		Limited:          "Many requests came from your network in the last hour. Your answers are still here; try again later.",
		Running:          "This same request is still being taken in. Send it again in a few seconds to see its reference.",
		Conflict:         "The request was not accepted. Check your answers and send again.",
		Unreadable:       "The request could not be read. Check your answers and send again.",
		ReceiptTitle:     "Request received",
		ReceiptReference: "Reference of your request",
		ReceiptNext: []string{
			"Note the reference down or print this page: we find your request by it.",
			"Your request is stored and on its way to our team. The answer reaches you by the email address or phone number you gave.",
			"To correct your data, have it deleted or withdraw your permission, give the reference when we contact you.",
		},
		NoReceiptTitle: "No request on this page",
		NoReceipt: []string{
			"This page shows a reference right after the form was sent, and the address you opened holds no valid one.",
			"If you have sent a request and noted its reference, it is still good; there is no need to send it again.",
		},
		ToForm:         "Go to the form",
		NotFoundTitle:  "Page not found",
		NotFound:       "Check the address you typed, or begin at the home page.",
		MethodTitle:    "Method not allowed",
		Method:         "This page can only be read.",
		WentWrongTitle: "Something went wrong",
		WentWrong:      "This page could not be shown. Try again in a few seconds.",
	}
}
