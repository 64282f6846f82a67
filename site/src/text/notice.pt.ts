import type { NoticeText } from "./notice.ts";

export const pt: NoticeText = {
	title: "Aviso de privacidade",
	description: "Que dados a alquimista.ai guarda, para quê, com quem os compartilha e por quanto tempo. Os seus direitos e como usá-los.",
	version: "Versão de",
	summaryHeading: "Em resumo",
	summary: [
		"Usamos o que você escreve no formulário para responder ao seu pedido, e só com a sua autorização.",
		"Novidades por e-mail vão só para quem marca a segunda caixa.",
		"O pedido segue para o Fibonacci, o sistema em que a nossa equipe acompanha os pedidos.",
		"Não usamos cookies nem rastreadores, e as páginas não carregam nada de terceiros.",
		"Você pode ver, corrigir, levar ou apagar os seus dados, de graça, com resposta em até 15 dias.",
	],
	contents: "Nesta página",
	table: {
		heading: "O que guardamos",
		text: ["Os artigos são da Lei Geral de Proteção de Dados (LGPD, Lei 13.709/2018)."],
		columns: { data: "Dado", purpose: "Para quê", basis: "Base legal", shared: "Com quem", kept: "Por quanto tempo" },
		rows: {
			request: {
				data: "Nome, e-mail, telefone, empresa, mensagem, idioma e referência do pedido",
				purpose: "Responder ao seu pedido",
				basis: "Consentimento (art. 7º, I)",
				shared: "Fibonacci",
				kept: "Até você pedir que apaguemos, ou 24 meses depois do último contato",
			},
			news: {
				data: "A segunda caixa do formulário, marcada ou não",
				purpose: "Enviar novidades por e-mail, se você marcou",
				basis: "Consentimento (art. 7º, I)",
				shared: "Fibonacci",
				kept: "Até você retirar a autorização; no mais, como o pedido",
			},
			consent: {
				data: "Registro da autorização: o que você marcou, qual frase (id, versão e hash), idioma, data, hora e meio",
				purpose: "Provar o que você autorizou",
				basis: "Obrigação legal (art. 7º, II; art. 8º, § 2º)",
				shared: "Fibonacci recebe o id e a versão da frase",
				kept: "Como o pedido",
			},
			origin: {
				data: "De onde você veio: o site ou a campanha do link, e a variante da página",
				purpose: "Saber que caminhos trazem pedidos",
				basis: "Legítimo interesse (art. 7º, IX)",
				shared: "Fibonacci recebe o site e a campanha",
				kept: "Como o pedido",
			},
			address: {
				data: "Endereço IP; em forma de hash, o tipo do navegador e a chave do envio",
				purpose: "Limitar abusos e não gravar o mesmo pedido duas vezes",
				basis: "Legítimo interesse (art. 7º, IX)",
				shared: "Ninguém",
				kept: "IP: 24 horas no limite de envios, 30 dias junto do pedido. Os hashes: como o pedido",
			},
			signals: {
				data: "Sinais de envio automático: tempo de preenchimento, um campo que só robôs preenchem, e o que foi escrito",
				purpose: "Separar spam, para que uma pessoa reveja. Nada é apagado por isso",
				basis: "Legítimo interesse (art. 7º, IX)",
				shared: "Ninguém",
				kept: "Como o pedido",
			},
			delivery: {
				data: "Tentativas de entrega ao Fibonacci: hora, resultado e trecho da resposta dele",
				purpose: "Saber se o pedido chegou, e enviar de novo se não chegou",
				basis: "Legítimo interesse (art. 7º, IX)",
				shared: "Ninguém",
				kept: "Como o pedido; o trecho, 30 dias",
			},
			ledger: {
				data: "O que aconteceu com o pedido, quando, e quem da equipe o consultou; sem nada do que você escreveu",
				purpose: "Prestar contas do que fizemos",
				basis: "Obrigação legal (art. 7º, II; art. 37)",
				shared: "Ninguém",
				kept: "Sem prazo: apagado o pedido, nada ali leva a você",
			},
			rights: {
				data: "Solicitações sobre dados: o direito, e-mail, referência, mensagem, idioma, datas e desfecho",
				purpose: "Responder no prazo",
				basis: "Obrigação legal (art. 7º, II; arts. 18 e 19)",
				shared: "Ninguém",
				kept: "Enquanto precisarmos provar que respondemos",
			},
			views: {
				data: "Quantas visitas cada página teve por dia, origem e variante",
				purpose: "Comparar páginas e campanhas",
				basis: "Não são dados pessoais: só somas, sem IP e sem identificador",
				shared: "Ninguém",
				kept: "Sem prazo",
			},
			tab: {
				data: "Na sua aba do navegador: o que ainda não foi enviado, a campanha e, do recibo, a referência e nome, e-mail e telefone mascarados",
				purpose: "Não perder o que você escreveu e mostrar o recibo",
				basis: "Fica no seu aparelho (sessionStorage)",
				shared: "Ninguém",
				kept: "O que não foi enviado, até o envio; o resto, até você fechar a aba",
			},
		},
	},
	sharing: {
		heading: "Com quem compartilhamos",
		text: [
			"O pedido é enviado ao Fibonacci, o sistema em que a nossa equipe acompanha os pedidos. O envio é assinado, e cada tentativa fica registrada. Quando apagamos os seus dados, avisamos o Fibonacci para que faça o mesmo (art. 18, § 6º).",
			"A Amazon Web Services (AWS) hospeda o serviço. Ela trata os dados por nossa conta, como operadora.",
			"O Nigredo não envia os seus dados a mais ninguém.",
		],
	},
	abroad: {
		heading: "Fora do Brasil",
		text: [
			"A região da AWS em que o serviço roda é escolhida na instalação. O padrão é us-east-1, nos Estados Unidos: nela, guardar os seus dados é uma transferência internacional (arts. 33 a 36). A outra região prevista é sa-east-1, em São Paulo.",
		],
	},
	security: {
		heading: "Segurança",
		text: [
			"A conexão com o serviço é cifrada (TLS 1.2 ou mais novo), e o banco de dados também.",
			"Só pessoas da equipe com permissão veem os dados, e cada consulta a um pedido fica registrada.",
			"Os registros técnicos não têm dados pessoais e ficam por 30 dias; os históricos de execução, só com códigos, por 90. As cópias de segurança ficam por 7 dias.",
			"Se um incidente puder causar risco ou dano relevante, avisamos você e a Autoridade Nacional de Proteção de Dados (ANPD), como manda o art. 48.",
		],
		contact: "Encontrou uma falha? Escreva para",
	},
	cookies: {
		heading: "Cookies e visitas",
		text: [
			"Não há cookies. As visitas são contadas por página e dia, sem saber de quem são. Quem pede para não ser rastreado (Do Not Track ou Global Privacy Control) não é contado.",
			"A página inicial tem variantes. A sua é calculada do IP e do tipo do navegador na hora da visita, e esse cálculo não é guardado.",
		],
	},
	rights: {
		heading: "Os seus direitos",
		text: ["A LGPD (art. 18) dá a você nove direitos. Nas palavras do formulário:"],
		link: "Fazer uma solicitação",
		after: [
			"É de graça. Respondemos em até 15 dias (art. 19), e antes podemos pedir que você confirme quem é. Você também pode reclamar à ANPD.",
			"Sem a primeira autorização não podemos receber o pedido; a segunda é livre. Retirar uma autorização vale dali em diante: não desfaz o que já foi feito com ela.",
		],
	},
	contact: {
		heading: "Quem responde pelos dados",
		text: ["Quem decide sobre os dados (controlador):"],
		officer: "Encarregado pelos dados (art. 41):",
		noOfficer: "Para falar com o encarregado pelos dados (art. 41), use o formulário de solicitação.",
	},
	sentences: {
		heading: "As frases de autorização",
		text: [
			"Cada autorização é guardada com o id, a versão e o SHA-256 da frase que a página mostrou. O SHA-256 é o da frase em UTF-8, sem aspas. Com ele, qualquer pessoa pode conferir qual frase foi autorizada. Estas são todas as frases, de todas as versões:",
		],
		id: "Id",
		version: "Versão",
		locale: "Idioma",
		languages: { "pt-BR": "português", en: "inglês" },
	},
	versions: {
		heading: "Versões deste aviso",
		text: ["A mais nova está em cima."],
		changes: { "2026-11-27": "primeira versão." },
	},
};
