import type { Text } from "./text.ts";

export const pt: Text = {
	site: "Nigredo · alquimista.ai",
	skip: "Ir para o conteúdo",
	otherLanguage: "English",
	footer: { notice: "Aviso de privacidade", rights: "Seus direitos", form: "Fale com a alquimista.ai" },
	footerLine: "Nigredo é a porta de entrada da alquimista.ai.",

	landing: {
		title: "Nigredo: fale com a alquimista.ai",
		description: "Conte à alquimista.ai o que você quer transformar. Um formulário curto, referência na hora, sem cookies.",
		eyebrow: "Nigredo, a primeira etapa",
		heroes: {
			a: {
				heading: "Toda transformação começa por uma conversa",
				lead: "Conte à alquimista.ai o que você quer mudar no seu trabalho. A nossa equipe lê o pedido e responde por e‑mail ou por telefone.",
			},
			b: {
				heading: "Traga o problema em estado bruto",
				lead: "Não precisa vir pronto. Descreva a situação como ela é: a equipe da alquimista.ai lê o pedido e responde por e‑mail ou por telefone.",
			},
		},
		proofsLabel: "O que esperar",
		proofs: [
			{ title: "Só o necessário", text: "Nome, e-mail e a sua autorização. O resto é opcional." },
			{ title: "Referência na hora", text: "Assim que o pedido é gravado, você recebe um número." },
			{ title: "Sem cookies", text: "Nenhum rastreador e nada de terceiros nesta página." },
		],
		storyHeading: "Por que Nigredo",
		story:
			"Na alquimia, nigredo é o enegrecimento: a primeira etapa da obra, em que a matéria volta ao essencial antes de se tornar outra coisa. Começamos do mesmo modo. Primeiro ouvimos o que existe; só depois falamos do que pode vir a ser.",
		stepsHeading: "O que acontece depois do envio",
		steps: [
			{ title: "Gravado", text: "O pedido é guardado antes de qualquer resposta e recebe uma referência, que aparece na tela." },
			{ title: "Encaminhado", text: "Ele segue para o sistema em que a nossa equipe acompanha os pedidos." },
			{ title: "Respondido", text: "A resposta chega no e-mail ou no telefone que você informou." },
		],
		dataHeading: "Seus dados continuam seus",
		data: "Usamos o que você escreve para responder ao pedido. Novidades, só para quem marca a segunda caixa. Você pode ver, corrigir ou apagar tudo quando quiser.",
		dataLink: "Leia o aviso de privacidade",
	},

	lead: {
		heading: "Seu pedido",
		optional: "(opcional)",
		submit: "Enviar pedido",
		retry: "Enviar de novo",
		summaryHeading: "Há um problema",
		suggestion: "Você quis dizer {address}? Se o endereço está certo, pode seguir.",
		trap: "Deixe este campo em branco",
		fields: {
			name: { label: "Nome completo" },
			email: { label: "E-mail", hint: "Para enviarmos a resposta." },
			phone: { label: "Telefone", hint: "Com DDD. Só se preferir falar por telefone." },
			company: { label: "Empresa" },
			message: { label: "O que você quer transformar?", hint: "Até 1000 caracteres." },
		},
		consentLegend: "Autorizações",
		consentMore: "Para que usamos os dados, e por quanto tempo",
		says: {
			titlePrefix: "Erro: ",
			sending: "Enviando…",
			offline: "Não foi possível enviar: sem conexão com o servidor. Suas respostas continuam aqui; verifique a internet e envie de novo.",
			online: "A conexão voltou. Você já pode enviar de novo.",
			unavailable: "O serviço não conseguiu receber o pedido agora. Suas respostas continuam aqui; envie de novo em alguns segundos.",
			limited: "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo mais tarde.",
			limitedOne: "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo em 1 minuto.",
			limitedMany: "Muitos pedidos vieram da sua rede na última hora. Suas respostas continuam aqui; tente de novo em {n} minutos.",
			received: "Recebido. Referência:",
			running: "Este mesmo pedido ainda está sendo recebido. Envie de novo em alguns segundos para ver a referência.",
			changed:
				"Uma versão anterior deste pedido já foi recebida, e as respostas mudaram depois. Se você enviar de novo, esta versão vai como outro pedido.",
			unreadable: "Não foi possível ler o pedido. Confira as respostas e envie de novo.",
			tooLarge: "O texto é longo demais para ser recebido. Encurte a mensagem e envie de novo.",
			left: "Caracteres restantes: {n}",
			over: "Caracteres a mais: {n}",
			restored: "Recuperamos as respostas que você já tinha escrito nesta aba.",
		},
	},

	receipt: {
		title: "Pedido recebido",
		description: "A referência do seu pedido à alquimista.ai.",
		reference: "Referência do pedido",
		copy: "Copiar a referência",
		copied: "Referência copiada",
		nextHeading: "E agora?",
		next: [
			"Anote a referência ou imprima esta página: com ela encontramos o seu pedido.",
			"O pedido está gravado e segue para a nossa equipe. A resposta chega no e-mail ou no telefone que você informou.",
		],
		sentHeading: "O que você enviou",
		sent: { name: "Nome", email: "E-mail", phone: "Telefone" },
		link: "Corrigir, apagar ou retirar a autorização",
		noHeading: "Nenhum pedido nesta página",
		no: [
			"Esta página mostra a referência logo depois do envio do formulário, e o endereço aberto não traz uma referência válida.",
			"Se você já enviou um pedido e anotou a referência, ela continua valendo: não é preciso enviar de novo.",
		],
		inAddress: "A referência está no endereço desta página, depois de “ref=”. Anote-a: com ela encontramos o seu pedido.",
	},

	rights: {
		title: "Solicitação sobre os seus dados",
		description:
			"Peça para ver, corrigir, levar ou apagar os seus dados, ou retire a sua autorização. De graça, com resposta em até 15 dias.",
		intro: [
			"Use um dos seus direitos da Lei Geral de Proteção de Dados (LGPD). É de graça e não precisa de documento.",
			"Se houver dados com o e-mail informado, respondemos a ele em até 15 dias. Antes, podemos pedir que você confirme quem é.",
		],
		more: "O que guardamos e para quê: aviso de privacidade",
		heading: "Sua solicitação",
		submit: "Enviar solicitação",
		kindLegend: "O que você quer?",
		kinds: {
			confirmation: "Saber se há dados sobre mim",
			access: "Ver os dados que há sobre mim",
			correction: "Corrigir dados errados, incompletos ou antigos",
			anonymisation: "Anonimizar, bloquear ou apagar dados desnecessários ou usados contra a lei",
			portability: "Levar os dados para outro serviço",
			erasure: "Apagar os dados que autorizei a usar",
			sharing: "Saber com quem os dados foram compartilhados",
			refusal: "Saber se posso não autorizar, e o que acontece então",
			revocation: "Retirar a minha autorização",
		},
		fields: {
			email: { label: "E-mail", hint: "O mesmo que você usou no pedido. A resposta vai para ele." },
			reference: { label: "Referência do pedido", hint: "Está no recibo, como NG-7K3M-9Q29." },
			message: {
				label: "Algo mais que devemos saber?",
				hint: "Até 1000 caracteres. Por exemplo: o que deve ser corrigido, ou qual autorização retirar.",
			},
		},
	},

	rightsReceived: {
		title: "Solicitação recebida",
		description: "O protocolo da sua solicitação de titular de dados.",
		reference: "Protocolo da solicitação",
		copy: "Copiar o protocolo",
		copied: "Protocolo copiado",
		nextHeading: "E agora?",
		next: [
			"Anote o protocolo ou imprima esta página.",
			"Se houver dados com o e-mail informado, respondemos a ele em até 15 dias. Antes, podemos pedir que você confirme quem é.",
		],
		sentHeading: "O que você enviou",
		sent: { email: "E-mail", reference: "Referência do pedido" },
		link: "Ler o aviso de privacidade",
		noHeading: "Nenhuma solicitação nesta página",
		no: [
			"Esta página mostra o protocolo logo depois do envio, e o endereço aberto não traz um protocolo válido.",
			"Se você já enviou uma solicitação e anotou o protocolo, ele continua valendo: não é preciso enviar de novo.",
		],
		inAddress: "O protocolo está no endereço desta página, depois de “protocol=”. Anote-o.",
	},

	problem: {
		notFound: { heading: "Página não encontrada", text: "Confira o endereço digitado ou comece pela página inicial." },
		method: { heading: "Método não aceito", text: "Esta página só pode ser lida." },
		broken: { heading: "Algo deu errado", text: "Não foi possível mostrar esta página. Tente de novo em alguns segundos." },
	},
};
