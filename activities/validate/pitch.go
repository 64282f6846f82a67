package validate

// topic is a subject of spam: what its senders say and prospects do not. A prospect
// may work in any of these trades, so a phrase is an offer made to us, never the
// name of a trade alone.
type topic struct {
	name    string
	phrases []phrase
}

// count is how many different phrases of the topic a folded text has, at most two.
func (t topic) count(text string) int {
	var first string
	for _, p := range t.phrases {
		for _, found := range p.find(text) {
			switch first {
			case "":
				first = found
			case found:
			default:
				return 2
			}
		}
	}
	return min(len(first), 1)
}

func newTopic(name string, phrases ...string) topic {
	t := topic{name: name}
	for _, p := range phrases {
		t.phrases = append(t.phrases, newPhrase(p))
	}
	return t
}

// pitches are held against text that fold has made. Two phrases of one topic are
// over the line, and so is one with a link to a stranger's site, unless a good stamp
// speaks for the sender.
var pitches = []topic{
	newTopic("seo",
		`\b(buy|cheap|quality|high-quality|dofollow|permanent|comprar|vendemos|vender|seo) back ?links?\b|\bback ?links? (from|for sale|package|service|de qualidade|com da)`,
		`\b(rank|ranking|ranks|position|positioning) (of )?your (web)?site|your (web)?site('s)? (seo|ranking|rank|domain authority)|\byour rankings?\b`,
		`\byour (web)?site .{0,40}\b(first|1st|top) (page|of|position)|\b(get|put|bring|place|help) you(r \w+)? .{0,40}\b(first page|page one|top of google|top 10)`,
		`\bguest ?(post|article|blog)(s|ing)?\b|\blink insertions?\b|\bsponsored (post|article|link)s? (on|for|in) your|\bdo-?follow\b|\bpermanent links?\b|\baccept(ing)? (sponsored|guest|paid)\b|\bdomain (authority|rating)\b|\bda ?\d\d\+`,
		`\b(our|offer|affordable|cheap|complete|monthly|white label) seo (service|package|audit|plan|solution|campaign)s?|\bfree (seo|website) (audit|analysis|report)|\bseo (audit )?report\b|\bseo expert\b`,
		`\b(errors?|issues|mistakes|problems) (on|in|with) your (web)?site|\byour (web)?site (has|is|was) (some |several |many |major |missing |losing |lacking |not (ranking|visible|optimi|getting|appearing|showing))`,
		`\b(targeted|organic|real|website|more|human) (web )?(traffic|visitors) (to|for|on) your|\bincrease your (organic |website |web )*traffic\b`,
		`\bpay (you )?for (a |the |each |one )?(link|post|article|placement)`,
		`\bgoogle (maps|my business) (ranking|listing|optimi)|\b(top|higher|better) (google )?rankings?\b|\bsearch engines? .{0,30}\byour (keywords?|products?|services?|business)`,
		`\b(colocar|colocamos|posicionar|posicionamos|deixar|levar|levamos) (o )?seu (site|negocio|empresa).{0,30}(topo|primeira pagina|primeiras posicoes)|\bseu site .{0,40}(topo do google|primeira pagina do google)`,
		`\btrafego (organico |pago |real )?(garantido|ilimitado|qualificado) (para|no) (o )?seu site|\bconsultoria (de )?seo gratuita|\banalise gratuita do seu site|\berros? (de seo )?no seu site`,
	),
	newTopic("mailing",
		`\bcontact ?forms? (blast|advertising|marketing)|\b(messages?|proposals?|offers?|letters?|adverts?|advertisements?)\b.{0,60}\b(feedback|contact|communication) (us )?forms?\b.{0,80}\b(sites|websites|spam|legal\w*|worldwide|countr\w+)|\bsend\w* .{0,40}(to|through|via) .{0,20}(feedback|contact) forms\b`,
		`\b(millions?|thousands?|\d+k) (of )?(web)?sites?\b|\bmass[- ]mailings?\b|\bbulk (e-?mail|sms) (service|sender|software|offer)`,
		`\b(to|please) (unsubscribe|opt[- ]?out)\b.{0,40}\b(reply|click|visit|link|https?|fill|send|here|this|our|future)|\bunsubscribe (here|link|from (this|our|future))|\breply (with )?("|')?(stop|no|unsubscribe|remove)\b|\bremove your (site|website|domain|e?mail) from`,
		`\b(we|i) (sell|offer|provide|supply) .{0,40}(e-?mail|b2b|contact|lead)s? (list|database|data)|\b(verified|targeted|fresh) (e-?mail|b2b|business|contact) (list|lead|database|contact)s?`,
		`\b(vendo|vendemos|oferecemos|temos) .{0,40}(lista|banco|base)s? de (e-?mails|contatos|leads|dados)|\b(vend\w+|oferec\w+|ferramenta|sistema|software) .{0,40}disparos? (em massa|no whatsapp)`,
		`\b\d[\d.,]* ?(million|thousand|mil|milhoes|k)\b .{0,40}\b(e-?mail (contacts?|addresses|list)|e-?mails|contacts|contatos)\b.{0,30}([$€£]|r\$|for sale|a venda)`,
		`\bthis (is a|message is a) (commercial|one[- ]time|automated) (message|offer)`,
		`рассыл\w*|обратной связи`,
	),
	newTopic("casino",
		`\b(online|crypto|best|new|live|mobile|top|real money) casinos?\b|\bcasinos? (online|bonus|games?|slots?|site)|\b(cassino|casino)s? (online|ao vivo)`,
		`\bfree ?spins?\b|\bno[- ]deposit\b|\b(welcome|deposit|sign[- ]?up|registration) bonus(es)?\b|\brodadas gratis|\bgiros gratis|\b(r\$ ?\d+|bonus) gratis|\bbonus de (boas[- ]vindas|cadastro|deposito)`,
		`\b(gratis|bonus) no cadastro`,
		`\bjackpots?\b|\bslots? (games?|gacor|machines?)\b|\bonline slots?\b|\bplay (slots|poker|roulette|blackjack)|\bpg ?slot\b|\bsitus (judi|slot)|\bjudi online|\btogel\b`,
		`\btigrinho\b|\bfortune (tiger|ox|rabbit|mouse)\b|\baviator\b.{0,30}(bet|jog|game|ganh|win)|\bplataforma pagando|\bpagando muito`,
		`\b(1xbet|1win|pin-?up|mostbet|melbet|vulkan|bet365|betano|blaze|stake)\b.{0,40}(bonus|code|promo|codigo|sign|cadastr|register|win|ganh)`,
		`\b(betting|bet|apostas?) (tips|bonus|site|predictions?|prognosticos?|garantidas?)|\bpalpites? (certos?|garantidos?)`,
		`казино|ставк\w*|букмекер|игровые автоматы|бездепозит`,
	),
	newTopic("pharma",
		`\b(viagra|cialis|levitra|sildenafil|tadalafil|kamagra|vardenafil|priligy)\b`,
		`\b(without|no) (a )?prescriptions?\b|\b(online|canadian|cheap|mexican) (pharmacy|pharmacies|drugstore|meds)\b|\bsem receita medica\b`,
		`\b(weight[- ]loss|diet|keto|slimming|fat[- ]burn(ing|er)?) (pills?|supplements?|gummies|gummy|drops|tea|patch)|\b(lose|perca|perder|elimine) (up to |ate )?\d+ ?(kg|kilos?|quilos?|pounds|lbs)`,
		`\bcbd (oil|gumm\w+|products?)|\b(ozempic|semaglutide|wegovy|mounjaro|tirzepatide)\b`,
		`\b(tramadol|xanax|ambien|phentermine|modafinil|ivermectin|oxycontin|oxycodone|adderall|valium|steroids?|anabolizantes?)\b`,
		`\b(cure|treat\w*|pills?|remedio|comprar|with) .{0,30}\b(erectile|impotence|impotencia|disfuncao eretil)|\b(erectile dysfunction\?|penis|male enhancement|estimulante sexual|testosterone booster)\b`,
		`\b(emagreca|emagrecer|seca barriga) (rapido|em \d+|sem)|\bcura (definitiva|natural) (da|do|para)|\b(miracle|natural) cure\b`,
		`виагр\w*|похуде\w*`,
	),
	newTopic("adult",
		`\b(porn|porno|pornhub|xxx (video|movie|site)s?|hentai|nudes?|naked|sexcam|camgirls?)\b`,
		`\bsex(y|ual)? (dating|video|chat|girls?|cams?|toys?|meeting|contacts?|doll)s?\b|\b(adult|casual) (dating|encounters|hookups?|sites?|chat)`,
		`\b(hot|lonely|single|horny|beautiful|local|russian|ukrainian) (girls?|women|ladies|milfs?|brides?|singles)\b`,
		`\bescorts? (service|girls?|agency|in)\b|\bonlyfans\b|\bacompanhantes? (de luxo|vip|em)|\bfotos reais\b|\bgarotas? de programa|\bmulheres (carentes|solteiras|casadas) (perto|querem|na sua)|\bwebcam (girls?|sex|models?)`,
		`\bmy (private|hot|nude) (photos?|pics|videos?)|\bminhas fotos|\bsite de relacionamento\b|\bencontros? (casuais|casual|discretos?)`,
		`порно|секс\w*|интим\w*|проститут\w*|знакомств\w*|девушк\w*`,
	),
	newTopic("money",
		`\b(bitcoins?|btc|crypto\w*|forex|nfts?|usdt|ethereum|binary options?|opcoes binarias|day ?trade)\b.{0,60}\b(profits?|earn\w*|double|doubl\w+|airdrops?|giveaways?|passive|signals?|returns?|lucr\w+|ganh\w+|invest now|trading bot|robo)\b`,
		`\b(invest|investing|investment|investir|investa|trading|trade)\b.{0,40}\b(bitcoins?|crypto\w*|forex|guaranteed|garantid\w+|roi)\b`,
		`\b(earn\w*|mak(e|ing)|made|profit\w*|ganh\w+|lucr\w+)\b.{0,40}([$€£]|usd|eur|r\$|btc) ?\d[\d.,]* ?k?.{0,20}\b(day|week|hour|dia|semana|hora|daily|weekly|diarios?)\b`,
		`\bpassive income\b|\brenda (extra|passiva)\b|\b(make|earn|making|earning) (easy |fast |quick |extra |real )*(money|cash|income) ?(online|fast|from home|now|today)?\b`,
		`\b(earn\w*|make|jobs?|money|income)\b.{0,40}\bwork\w* (from|at) home\b|\bwork\w* (from|at) home\b.{0,40}(\b(earn\w*|make|money|income|jobs?)\b|\$)|\b(ganh\w+|renda|dinheiro|vagas?)\b.{0,40}\btrabalh\w+ (em|de) casa\b|\btrabalh\w+ (em|de) casa\b.{0,40}(\b(ganh\w+|renda|dinheiro|vagas?)\b|r\$)`,
		`\b(ganh\w+|fa(ca|zer)) (um )?(dinheiro|grana)\b|\bfinancial(ly)? (freedom|free|independen\w+)|\b(liberdade|independencia) financeira|\bget rich|\bfique rico|\bdinheiro (facil|rapido)`,
		`\b(guaranteed|garantid\w+|100%) (profits?|returns?|income|lucros?|retornos?)\b|\b(profits?|returns?|lucros?|retornos?) (guaranteed|garantid\w+)|\brob[oô] (trader|trading|de investimento|de trade|investidor)|\btrading (bot|robot|signal)s?`,
		`\byou('ve| have| were)? (just )?(won|been (selected|chosen))\b|\bclaim (your|it|now|the)\b|\b(voce|vc) (ganhou|foi (selecionad|sortead|contemplad|escolhid)\w+)|\bpix (premiado|liberado|na hora)|\bresgat(e|ar) (seu|agora|o premio)`,
		`\brecover\w* (my|your|lost|stolen|the|expert|back)\b.{0,40}\b(bitcoins?|crypto\w*|funds|money)\b|\brecovery expert`,
		`\b\d[\d.,]* ?(btc|eth|usdt|bitcoins?)\b`,
		`\b(this|trading|money) robot\b|\bonline jobs?\b|\bmoney work\b|\bfree bitcoin`,
		`\bmake money\b|\bmoney[- ]making\b|\bside hustle\b|\bmlm\b|\baffiliate (program|commission|offer)s?\b|\bmarketing multinivel`,
		`заработ\w*|криптовалют\w*|инвестиц\w*|пассивн\w* доход\w*|биткоин\w*`,
	),
	newTopic("loan",
		`\b(business|personal|instant|quick|unsecured|payday|fast|easy|urgent|cash|working capital) (loans?|funding|financing|capital)\b`,
		`\bloans? (offers?|at|of|up to|from|approv\w+|today)\b|\binterest rates? (of|as low|from|at) ?\d|\blow interest\b|\b(no|without) credit (check|history)\b|\bbad credit (ok|accepted|welcome|no problem)`,
		`\b(emprestimos?|credito) (\w+ )?(sem consulta|liberado|aprovado|na hora|imediato)|\bprecis\w+ de (dinheiro|credito|emprestimo)|\bnome (sujo|limpo)|\blimp(e|amos) (o )?(seu )?nome|\bsem consulta (ao|no) (spc|serasa)`,
		`\b(line of credit|merchant cash advance|business credit|pre-?approved|cash advance|debt (relief|consolidation) (program|offer|loan)s?)\b|\bneed (of )?(a |an |urgent |quick )*(funding|loans?|capital|financing)\b|\bno collateral\b|\bfund(ing)? your (business|project|company)|\b(aument\w+|subir|suba) (de |do |seu |o )*score\b|\bscore (alto|garantido|liberado)|\bproject financing\b`,
		`\bjuros (baixos|a partir|de apenas)\b|\b(carta de credito|cota|cotas) .{0,20}contemplad|\bsem juros\b.{0,40}\bcotas\b`,
		`кредит\w*|займ\w*`,
	),
	newTopic("goods",
		`\b(replica|fake|counterfeit|aaa|replicas) (watch|watches|bags?|rolex|handbags?|shoes|sneakers)|\b(rolex|louis vuitton|gucci|ray-?ban|oakley|prada|chanel|hermes|nike|michael kors|pandora|yeezy|jordan) (replicas?|outlet|sale|sunglasses|cheap|bags?|shop)\b|\breplicas? (de )?(rolex|relogios?|primeira linha)`,
		`\bcheap (jerseys?|shoes|bags?|watch(es)?|nfl|flights?|cigarettes|sunglasses|nike|air)\b`,
		`\b(fake|novelty|real|registered|original) (ids?|passports?|documents?|diplomas?|driver'?s? licen[cs]es?)\b|\b(buy|order|get) (a |real |fake |your )*(passport|driver|diploma|degree|ielts|toefl|certificate)`,
		`\bbuy (real |cheap |instagram |youtube |tiktok |facebook |google |verified )*(followers|likes|views|subscribers|reviews|accounts|members)|\b(real|organic|instagram|tiktok|youtube) (followers|subscribers|likes)\b`,
		`\b(5|five)[- ]star .{0,20}reviews\b|\breal (google )?reviews\b`,
		`\b(followers|likes|views|subscribers) (and|&|or) (followers|likes|views|subscribers)\b`,
		`\b(compr\w+|vend\w+|ganh\w+) (\d+ |mil |seu |sua |um |uma )*(seguidores|curtidas|inscritos|visualizacoes|avaliacoes|diplomas?|cnh|atestados?|certificados?)|\b(reconhecid\w+ pelo mec|sem cursar)\b|\bseguidores (reais|brasileiros|mundiais)|\bcnh (facil|sem|original)`,
		`\b\d\d% (off|discount)\b|\bfree worldwide shipping\b|\bdiscount (code|coupon)|\b(promo|coupon) code\b|\bcodigo promo`,
		`\b(special|exclusive|limited[- ]time|unbeatable|lowest) (offers?|prices?|deals?|discounts?)\b|\b(buy|order|shop|compre|adquira|garanta) (it |yours |yours? )?(now|today|here|ja|agora|hoje)\b|\bfactory (direct|price)|\bwholesale prices?`,
		`\b(iptv|lista iptv|smart ?tv box)\b.{0,40}(teste|gratis|canais|channels|free|trial|mensal|r\$)|\bhacker (for hire|service)|\bclon(e|ed|ados?) (cards?|cartoes|cartao)|\bcartao clonado`,
	),
	newTopic("scam",
		`\bnext of kin\b|\b(your|inheritance) (inheritance|funds?)\b|\bbarrister\b|\bdeixou (uma )?heranca\b|\b(unclaimed|dormant) (funds?|account|estate)`,
		`\b\d[\d.,]* ?(million|m) (us |u\.s\. )?(dollars|usd|euros?|pounds)|\b(million|milhoes de) (us )?(dollars|dolares|euros)\b|\b(donate|donation|doacao) (of|de|the sum)`,
		`\b(hacked|infected|have (full )?access to) (your|you) ?(device|camera|webcam|computer|accounts?|website|site|e-?mails?)?\b|\byour (webcam|browsing history|database (has been|was))|\brecorded you\b|\bbitcoin (wallet|address)|\bpay .{0,20}(bitcoin|btc)`,
		`\byour (account|domain|website|site|mailbox|e-?mail|hosting|listing) .{0,30}(suspend\w*|expir\w*|deactivat\w*|block\w*|terminat\w*|cancel\w*|delet\w*)|\bsu[ao] (conta|dominio|site|e-?mail) (sera|foi|esta) (bloquead|suspens|cancelad|expirad|desativad)\w*`,
		`\bdomain (renewal|expiration|registration|notice|listing)|\b(final|last|expiration) notice\b|\b(renovacao|vencimento) (do|de) (seu )?dominio|\bregistro (do|de) dominio .{0,30}(venc|expir)`,
		`\b(urgent|confidential|mutual|lucrative) (business )?(proposal|matter|transaction|deal|opportunity|request)|\b(dear|my) (friend|beloved)\b`,
		`\b(copyright|copyrighted|trademark) (infring\w+|violat\w+|images?|material|claim|registration)|\bviolat(e|es|ed|ing|ion) .{0,20}copyright|\bdireitos autorais .{0,40}(imagens|fotos|viola)`,
		`\bspell ?caster\b|\blove spell`,
		`\b(my|your|an|lost) (ex|lover) back\b`,
		`\bverify your (account|identity|e-?mail|wallet)|\b(confirme|atualize|valide) (seus? dados|sua conta|seu cadastro|sua senha)|\btem direito a receber\b|\bconsulte seu cpf\b|\bboleto (em aberto|vencido|em atraso)|\bevite (o |a )?(protesto|bloqueio|suspensao|cancelamento)|\bnota fiscal em anexo`,
	),
	newTopic("services",
		`\b(our|offer\w*|provid\w+|affordable|cheap|professional|custom) (web|website|logo|graphic|app|mobile app|software|wordpress|ecommerce|e-commerce)( |-)(design|develop|redesign)\w*( (services?|packages?|solutions?|experts?))?`,
		`\b(re)?(design|build|develop|improve|redo|create) (a |an |new |your |you a )*(new )?(web ?site|app|logo|mobile app|online store)\b.{0,60}\b(for you|only|starting|affordable|discount)|\b(redesign|revamp|rebuild) your (web)?site|\bstunning (web)?sites?\b|\bfree (mock-?up|website|logo)\b`,
		`\b(explainer|promo|promotional|animated|animation|whiteboard|marketing) videos? (for your|of your|that|production|starting)`,
		`\b(would|are) you (be )?(interested|open) (in|to) (our|a free|getting|increasing|boosting|receiving|more|having|buying|selling|a quick|outsourc\w*)|\bmay i (send|share)|\bcan (i|we) (send|share|email) (you )?(a |an |our |the |some |more )*(quote|proposal|price ?list|pricing|packages?|portfolio|details|samples?|report|audit)`,
		`\b(increase|boost|grow|skyrocket|double|explode|improve|drive|triple) (your|you) ?(online )?(sales|traffic|revenue|leads|ranking|rankings|business|instagram|followers|visibility|conversions?|roi|presence|profits?|customers)`,
		`\b(our|offer\w*|provid\w+|affordable|dedicated) (\w+ )?(virtual assistants?|bookkeeping|data entry|telemarketing|call cent(er|re)|outsourc\w+)\b|\boutsource your\b`,
		`\btelegram ?[:@]|\bskype ?[:@]|\b(contact|write|message|reach|text|add|find|chame|chama) (me|us|no)? ?(on|via|at|in|pelo|no) (telegram|skype)|\blive:\.?cid`,
		`\b(at|for) (an? |very |most )*(affordable|reasonable|lowest|cheap) (price|cost|rate)s?\b|\blet me know if you('re| are) interested\b|\bgrow your (youtube|instagram|tiktok|channel)`,
		`\bour (prices?|packages?|rates?|plans?|services?) (start|begin)s? (at|from) (just|only)\b`,
		`\b(aumente|multiplique|dobre|alavanque|turbine) (as |o |a |os )?(suas|seu|sua|seus) (vendas|faturamento|seguidores|lucros?|cliente\w*|empresa|negocio)`,
		`\b(criamos|fazemos|desenvolvemos|crio|faco|desenvolvo) (o )?(seu |sua )?(sites?|aplicativos?|logos?|logomarcas?|lojas? virtua\w+|artes?)\b.{0,60}(r\$|a partir|barat|promoc|preco|voce)|\bsites? profissiona\w+ (a partir|por)`,
		`\b(we are|i am|we're|i'm|this is) (a |an )?(leading|professional|reputed|top|certified|chinese|china[- ]based) .{0,40}(manufacturer|supplier|factory|exporter)|\b(manufacturer|supplier|factory|seo|web) .{0,20}(from|in|of|based in) (china|india|bangladesh|pakistan)\b`,
		`\blifetime (deal|access|license)|\bone[- ]time (payment|fee|price)|\bcommercial license|\bno monthly fees?`,
	),
}
