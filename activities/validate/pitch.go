package validate

// topic is a subject of spam. Its offers are what its senders say to us and
// prospects do not: "buy backlinks", "no credit check". Its subject is what
// a prospect of that trade, or one who complains of spam, says as well: "backlinks",
// "business loans". Only offers tell a sender from a customer.
type topic struct {
	name    string
	subject []phrase
	offers  []phrase
}

// count is how many different offers of the topic a folded text has, at most two.
func (t topic) count(text string) int {
	var first string
	for _, p := range t.offers {
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

// speaks tells whether a folded text has the topic for its subject.
func (t topic) speaks(text string) bool {
	for _, p := range t.subject {
		if len(p.find(text)) > 0 {
			return true
		}
	}
	return false
}

func newTopic(name string, subject, offers []string) topic {
	t := topic{name: name}
	for _, p := range subject {
		t.subject = append(t.subject, newPhrase(p))
	}
	for _, p := range offers {
		t.offers = append(t.offers, newPhrase(p))
	}
	return t
}

// pitches are held against text that fold has made. Without a stamp, two offers of one
// topic are over the line, and so is one with a subject, which many have in them, or
// with a link to a stranger's site. Subjects, however many, are over it only with such
// a link, and not with a question about forms.
var pitches = []topic{
	newTopic("seo",
		[]string{
			`\bback ?links?\b|\bguest ?(post|article|blog)(s|ing)?\b|\blink insertions?\b|\bdo-?follow\b|\bdomain (authority|rating)\b|\bseo (audit )?report\b|\bseo expert\b`,
			`\bgoogle (maps|my business) (ranking|listing|optimi)|\b(top|higher|better) (google )?rankings?\b|\b(rank|ranking|ranks|position|positioning) (of )?your (web)?site`,
			`\b(errors?|issues|mistakes|problems) (on|in|with) your (web)?site|\byour (web)?site (has|is|was) (some |several |many |major |missing |losing |lacking |not (visible|getting|appearing|showing))`,
			`\b(targeted|organic|real|human) (web )?(traffic|visitors)\b|\bseo no seu site|продвижени\pL* сайт`,
		},
		[]string{
			`\b(buy|order|get|cheap|quality|high-quality|permanent|comprar|vendemos|vender) (\d[\d.,]*k? |high |quality )*back ?links?\b|\bback ?links? (from|for sale|package|service|de qualidade|com da)|\b(have|offer|sell) .{0,20}back ?links?\b`,
			`\byour (web)?site('s)? (seo|ranking|rank|domain authority)|\byour rankings?\b|\byour (web)?site (is|was) not (ranking|showing on google|optimi)|\b(stop|keep|prevent)s? (it|your (web)?site) from ranking`,
			`\byour (web)?site .{0,40}\b(first|1st|top) (page|of|position|10)|\b(get|put|bring|place|help) (you|your (web)?site) .{0,40}\b(first page|page one|top of google|top 10)`,
			`\bsponsored (post|article|link)s? (on|for|in) your|\b(do you |you )accept(ing)? (sponsored|guest|paid)\b|\b(publish|place|submit|contribute|have) (a |an |our |my )*(guest|sponsored) (post|article|blog)|\bpermanent links?\b|\bda ?\d\d\+|\bwith a do-?follow\b|\bwe (also )?(do|offer) link (insertion|building)`,
			`\b(our|offer|affordable|cheap|complete|monthly) (\w+ )?seo (service|package|audit|plan|solution|campaign)s?|\bwhite label seo\b|\bfree (seo|website) (audit|analysis|report)|\bi am (a |an )?(professional |certified )*seo expert\b|\bour seo\b`,
			`\bthat (keep|stop|prevent)s? (it|your (web)?site) from\b|\b(domain authority|da) (to|of) \d\d\+?|\b(raise|increase|boost) your (domain|da|search)\b|\bdomain (authority|rating) \d\d`,
			`\b(targeted|organic|real|website|more|human) (web )?(traffic|visitors) (to|for|on) your|\bincrease your (organic |website |web )*traffic\b`,
			`\bpay (you )?for (a |the |each |one )?(link|post|article|placement)`,
			`\bget top rankings?\b|\bsearch engines? .{0,30}\byour (keywords?|products?|services?|business)`,
			`\b(podemos |podemos )?(colocar|colocamos|posicionar|posicionamos|deixar|levar|levamos) (o )?seu (site|negocio|empresa).{0,30}(topo|primeira pagina|primeiras posicoes)|\bseu site .{0,40}(topo do google|primeira pagina do google)`,
			`\btrafego (organico |pago |real )?(garantido|ilimitado|qualificado) (para|no) (o )?seu site|\bconsultoria (de )?seo gratuita|\banalise gratuita do seu site|\berros? (de seo )?no seu site`,
			`прогон\pL*|вечные ссылки|поднимем позици|в топ[- ]?\d`,
		}),
	newTopic("mailing",
		[]string{
			`\b(millions?|thousands?|\d+k) (of )?(web)?sites?\b|\bmass[- ]mailings?\b|\bbulk (e-?mail|sms)\b|\b(verified|targeted|fresh) (e-?mail|b2b|business|contact) (list|lead|database|contact)s?|\bdisparos? em massa\b`,
			`\b(to|please) (unsubscribe|opt[- ]?out)\b|\bunsubscribe (here|link|from (this|our|future))`,
		},
		[]string{
			`\bcontact ?forms? (blast|advertising|marketing)|\b(messages?|proposals?|offers?|letters?|adverts?|advertisements?)\b.{0,60}\b(feedback|contact|communication) (us )?forms?\b.{0,80}\b(sites|websites|legal\w*|worldwide|countr\w+)|\bsend\w* .{0,40}(to|through|via) .{0,20}(feedback|contact) forms\b`,
			`\b\d+ ?(million|thousand|k|m)? (of )?(web)?sites'? contact ?forms?|\bnot (considered )?(as )?spam\b`,
			`\b(to|please) (unsubscribe|opt[- ]?out)\b.{0,40}\b(reply|click|visit|link|https?|fill|send)|\breply (with )?("|')?(stop|no|unsubscribe|remove)\b|\bremove your (site|website|domain|e?mail) from`,
			`\b(we|i) (sell|offer|provide|supply) .{0,40}(e-?mail|b2b|contact|lead)s? (list|database|data)`,
			`\b(vendo|vendemos|oferecemos|temos) .{0,40}(lista|banco|base)s? de (e-?mails|contatos|leads|dados)|\b(vend\w+|oferec\w+) .{0,40}disparos? (em massa|no whatsapp)`,
			`\b\d[\d.,]* ?(million|thousand|mil|milhoes|k)\b .{0,40}\b(e-?mail (contacts?|addresses|list)|e-?mails|contacts|contatos)\b.{0,30}([$€£]|r\$|for sale|a venda)`,
			`\bthis (is a|message is a) (commercial|one[- ]time|automated) (message|offer)`,
			`рассыл\pL* .{0,30}(формы|формам|базам)|база \d[\d., ]*(млн|тыс)`,
		}),
	newTopic("casino",
		[]string{
			`\b(online|crypto|best|new|live|mobile|top|real money) casinos?\b|\bcasinos? (online|bonus|games?|slots?|site)|\b(cassino|casino)s? (online|ao vivo)`,
			`\bfree ?spins?\b|\bno[- ]deposit\b|\b(welcome|deposit|sign[- ]?up|registration) bonus(es)?\b|\brodadas gratis|\bgiros gratis|\bbonus de (boas[- ]vindas|cadastro|deposito)`,
			`\bjackpots?\b|\bslots? (games?|machines?)\b|\bonline slots?\b`,
			`\b(betting|bet|apostas?) (tips|bonus|site|predictions?|prognosticos?)|\b(1xbet|1win|pin-?up|mostbet|melbet|vulkan|bet365|betano|blaze|stake)\b.{0,40}(bonus|code|promo|codigo|sign|cadastr|register|win|ganh)`,
			`казино|ставки на спорт|букмекер|игровые автоматы`,
		},
		[]string{
			`\b(best|top|new) online casinos?\b|\bcrypto casino reviews?\b|\bplay (now|here|today)\b`,
			`\b\d+ ?(free ?spins?|rodadas gratis|giros gratis)\b|\b(get|claim|with|ganhe|todo dia) .{0,20}\b(free ?spins?|rodadas gratis)|\brodadas gratis todo|\bno[- ]deposit (bonus|needed|required)|\bwith no deposit`,
			`\b\d+% (\w+ )?bonus|\bbonus (of|de) \d+%|\b(r\$|\$|€) ?\d+ (de )?(bonus|gratis)\b|\bbonus (de )?(\w+ )?(de )?r\$ ?\d|\bgives? (you )?a (\w+[- ])?(sign[- ]?up|registration|welcome) bonus`,
			`\b(gratis|bonus) no cadastro|\bcadastre-se e ganhe|\bwelcome bonus!`,
			`\bplay (slots|poker|roulette|blackjack)|\bpg ?slot\b|\bslots? gacor\b|\bsitus (judi|slot)|\bjudi online|\btogel\b|สลอต`,
			`\b(jogue|ganhe|ganhar) no tigrinho\b|\bfortune (tiger|ox|rabbit|mouse)\b|\baviator\b.{0,30}(bet|jog|game|ganh|win)|\bplataforma (\w+ )?pagando|\bpagando muito`,
			`\b(1xbet|1win|pin-?up|mostbet|melbet|vulkan|bet365|betano|blaze|stake) (promo|bonus|codigo)`,
			`\bapostas? garantidas?|\bpalpites? (certos?|garantidos?)`,
			`бездепозит|лучшие ставки|казино вулкан|промокод`,
		}),
	newTopic("pharma",
		[]string{
			`\b(viagra|cialis|levitra|sildenafil|tadalafil|kamagra|vardenafil|priligy)\b|\b(ozempic|semaglutide|wegovy|mounjaro|tirzepatide)\b|\bcbd (oil|gumm\w+|products?)`,
			`\b(without|no) (a )?prescriptions?\b|\b(online|canadian|cheap|mexican) (pharmacy|pharmacies|drugstore|meds)\b|\bsem receita\b`,
			`\b(weight[- ]loss|diet|keto|slimming|fat[- ]burn(ing|er)?) (pills?|supplements?|gummies|gummy|drops|tea|patch)|\b(lose|perca|perder|elimine) (up to |ate )?\d+ ?(kg|kilos?|quilos?|pounds|lbs)`,
			`\b(tramadol|xanax|ambien|phentermine|modafinil|ivermectin|oxycontin|oxycodone|adderall|valium|steroids?|anabolizantes?)\b|\b(erectile|impotence|impotencia|disfuncao eretil)|\bpenis\b`,
			`виагр\pL*|похуде\pL*`,
		},
		[]string{
			`\b(buy|cheap|order|get|comprar?|compre|generic) .{0,20}\b(viagra|cialis|levitra|sildenafil|kamagra|tramadol|xanax|ambien|phentermine|modafinil|oxycodone|adderall|valium|steroids|meds)\b|\b(viagra|cialis|levitra|tramadol|xanax)( and \w+)? online\b`,
			`\bno prescriptions?\b|\b(overnight|discreet) (delivery|shipping)\b|\bcanadian (pharmacy|meds)\b|(cha|remedio|capsulas?) .{0,20}sem receita\b`,
			`\b(lost|lose|perca|elimine) (up to |ate )?\d+ ?(kg|kilos?|quilos?|pounds|lbs) (in|em)\b|\bketo gumm(y|ies)\b|\b(best|try the|try our|our) (weight[- ]loss|diet|slimming) (pills?|tea|gummies)`,
			`\bpremium cbd\b|\bcbd oil and\b`,
			`\b(erectile dysfunction\?|male enhancement|estimulante sexual|testosterone booster)|\bseca[- ]barriga\b`,
			`\b(emagreca|emagrecer) (rapido|em \d+|sem)|\bcura (definitiva|natural) (da|do|para)|\b(miracle|natural) cure\b`,
		}),
	newTopic("adult",
		[]string{
			`\b(porn|porno|pornhub|xxx (video|movie|site)s?|hentai|nudes?|naked|sexcam|camgirls?)\b|\bonlyfans\b`,
			`\bsex(y|ual)? (dating|video|chat|girls?|cams?|toys?|meeting|contacts?|doll)s?\b|\b(adult|casual) (dating|encounters|hookups?|sites?|chat)|\bsite de relacionamento\b|\bencontros? (casuais|casual|discretos?)`,
			`\bescorts? (service|girls?|agency|in)\b|\bacompanhantes?\b|\bgarotas? de programa`,
			`порно|секс|интим`,
		},
		[]string{
			`\b(hot|lonely|single|horny|russian|ukrainian) (\w+ )?(girls?|women|ladies|milfs?|brides?)\b|\bwebcam (girls?|sex|models?)`,
			`\b(want(s|ed)?|wanna|looking for) (a )?(casual|adult|sex) (dating|encounters?|hookups?)|\b(casual|adult) (dating|encounters?|hookups?) (tonight|in your)|\bquerem encontros|\bmulheres (carentes|solteiras|casadas) (perto|querem|na sua)`,
			`\bacompanhantes? (de luxo|vip)|\bfotos reais\b|\bleaked (nudes|onlyfans)`,
			`\bmy (private|hot|nude) (photos?|pics|videos?)|\bsee my (photos?|pics)|\bminhas fotos\b|\bmy pics\b|посмотри мои фото`,
			`\b(free|dirty) (sex|porn\w*|nudes?|cams?)\b|\bporn (photos|videos|pics)\b|(порно|секс) (видео|бесплатно|знакомств)|интим знакомств|девушки ждут|проститутк`,
		}),
	newTopic("money",
		[]string{
			`\b(bitcoins?|btc|crypto\w*|forex|nfts?|usdt|ethereum|binary options?|opcoes binarias|day ?trade)\b.{0,60}\b(profits?|earn\w*|signals?|returns?|lucr\w+|ganh\w+|trading bot|robo)\b`,
			`\b(invest|investing|investment|investir|investa|trading|trade)s?\b.{0,40}\b(bitcoins?|crypto\w*|forex|roi)\b`,
			`\bpassive income\b|\b(make|earn|making|earning) (easy |fast |quick |extra |real )*(money|cash|income)\b|\bmoney[- ]making\b|\bside hustle\b|\bmlm\b|\baffiliate (program|commission|offer)s?\b|\bmarketing multinivel`,
			`\b(ganh\w+|fa(ca|zer)) (um )?(dinheiro|grana)\b|\b(liberdade|independencia) financeira|\bfinancial(ly)? (freedom|free|independen\w+)`,
			`заработ\pL*|криптовалют\pL*|биткоин\pL*`,
		},
		[]string{
			`\b(double|doubl\w+|invest in) (your |my )?(bitcoins?|btc|crypto\w*|money|forex)\b|\binvest now\b|\bfree (bitcoin|crypto)|\bairdrops?\b|\bgiveaways?\b`,
			`\b(earn\w*|mak(e|ing)|made|profit\w*|ganhe|lucr\w+)\b.{0,40}([$€£]|usd|eur|r\$|btc) ?\d[\d.,]* ?k?.{0,20}\b(day|week|hour|dia|semana|hora|daily|weekly|diarios?)\b|\b(withdraw|saque) .{0,20}\b(daily|por dia)`,
			`\bpassive income (for|from|!)|\bpassive income\. |\brenda (extra )?garantida|\bcomo ganhar dinheiro (na|pela|com)|\bhow to make money\b`,
			`\bget rich|\bfique rico|\bdinheiro (facil|rapido)|\b(easy|fast|quick) (money|cash)\b|\b(no work|without work)\b|\bliberdade financeira de verdade`,
			`\b(guaranteed|garantid\w+|100%) (profits?|returns?|income|lucros?|retornos?)\b|\b(profits?|returns?|lucros?|retornos?) (guaranteed|garantid\w+)|\brob[oô] (trader|trading|de investimento|de trade|investidor)|\b(our|this|with|join) .{0,20}(trading (bot|robot)|(trading|forex) signals?)|\bforex signals? with\b`,
			`\byou('ve| have| were)? (just |been )?(won|selected|chosen)\b|\b(wallet|e?mail|number) (was|has been) (selected|chosen)\b|\bclaim (your|it|now)\b|\b(voce|vc) (ganhou|foi (selecionad|sortead|contemplad|escolhid)\w+)|\bpix (premiado|liberado|na hora)|\bresgat(e|ar) (seu|agora|o premio)`,
			`\b(expert|helped me|can|we) (\w+ )?recover (my|your|lost|stolen|the)\b.{0,40}\b(bitcoins?|crypto\w*|funds|money)\b|\brecovery expert|\blost (bitcoin|crypto)\w* to\b`,
			`\b\d[\d.,]* ?(btc|eth|usdt|bitcoins?) (now|pending|daily|:)|\byour \d[\d.,]* ?(btc|eth|usdt|bitcoins?)\b|\bhave \d[\d.,]* ?(btc|eth|usdt|bitcoins?)\b`,
			`\b(this|trading|money) robot\b|\bmoney work\b|\bvagas limitadas\b|\blearn how:`,
			`заработ\pL* (в интернете|на криптовалют|от \d)|без вложений|пассивн\pL* доход\pL*|хотите заработать`,
		}),
	newTopic("loan",
		[]string{
			`\b(business|personal|instant|quick|unsecured|payday|fast|easy|urgent|cash|working capital) (loans?|funding|financing|capital)\b|\bworking capital\b|\binterest rates? (of|as low|from|at) ?\d|\bbad credit\b`,
			`\b(line of credit|merchant cash advance|business credit|pre-?approved|cash advance|debt (relief|consolidation))\b|\bneed (of )?(a |an |urgent |quick )*(funding|loans?|capital|financing)\b|\bproject financing\b`,
			`\b(emprestimos?|credito) (\w+ )?(sem consulta|liberado|aprovado|na hora|imediato)|\bprecis\w+ de (dinheiro|credito|emprestimo)|\bnome (sujo|limpo)|\blimp\w+ (o )?(seu )?nome|\b(carta de credito|cota|cotas) .{0,20}contemplad|\bjuros (baixos|a partir|de apenas)\b`,
			`кредит\pL*|займ\pL*`,
		},
		[]string{
			`\bdo you need (a |an |urgent |quick |business |personal )*loan|\bloans? offers?\b|\bwe (offer|give|provide) (\w+ )?loans? (from|of|at)|\bneed (an )?urgent loan\?`,
			`\blow interest\b|\b(no|without) credit check\b|\bbad credit (ok|accepted|welcome|no problem)|\bno collateral\b|\bapply (today|now|here)\b|\bapply: ?https?`,
			`\bin need of (funding|a loan|capital)\?|\bfund(ing)? your (business|project|company)|\bget (up to|working capital)\b|\bloans? .{0,40}available\b`,
			`\b(emprestimos?|credito) (\w+ )?liberado\b|\bsem consulta (ao|no) (spc|serasa)|\bnome sujo tambem|\blimpamos (o )?(seu )?nome|\b(aument\w+|subir|suba) (de |do |seu |o )*score\b|\bscore (alto|garantido|liberado)`,
			`\bcontemplada!|\bsem juros\b.{0,40}\bcotas\b|\bultimas cotas\b`,
			`займ\pL* онлайн|без отказа|без проверки`,
		}),
	newTopic("goods",
		[]string{
			`\b(instagram|tiktok|youtube) (followers|subscribers|likes)\b|\bseguidores\b|\biptv\b|\b(rolex|louis vuitton|gucci|ray-?ban|oakley|prada|chanel|hermes|michael kors|yeezy|jordan)\b|\breplicas?\b`,
			`\b(special|exclusive|limited[- ]time|unbeatable|lowest) (offers?|prices?|deals?|discounts?)\b|\bwholesale prices?|\b(buy|order|shop) (now|today)\b|\d\d% (off|discount)! `,
			`\b(5|five)[- ]star .{0,20}reviews\b|\b(diplomas?|atestados?|certificados?|cnh)\b`,
		},
		[]string{
			`\b(replica|fake|counterfeit|aaa|replicas) (watch|watches|bags?|rolex|handbags?|shoes|sneakers)|\b(rolex|louis vuitton|gucci|ray-?ban|oakley|prada|chanel|hermes|nike|michael kors|pandora|yeezy|jordan) (replicas?|outlet|sale|sunglasses|cheap|bags?|shop)\b|\breplicas? (de )?(rolex|relogios?|primeira linha)|\baaa replica`,
			`\bcheap (jerseys?|shoes|bags?|watch(es)?|nfl|flights?|cigarettes|sunglasses|nike|air)\b`,
			`\b(fake|novelty|real and fake) (ids?|passports?|documents?|diplomas?|driver'?s? licen[cs]es?)\b|\b(buy|order|get) (a |real |fake |your )*(passport|driver|diploma|degree|ielts|toefl|certificate)|\bielts certificates?\b`,
			`\bbuy (real |cheap |instagram |youtube |tiktok |facebook |google |verified )*(followers|likes|views|subscribers|reviews|accounts|members)|\breal (followers|subscribers|likes)\b`,
			`\bdeliver \d+ (real )?(google )?reviews\b|\breal (google )?reviews\b|\bmore (5|five)[- ]star\b`,
			`\bcompre (\d+ |mil |seu |sua |um |uma )*(seguidores|curtidas|inscritos|visualizacoes|avaliacoes|diplomas?|cnh|atestados?|certificados?)|\b(sem cursar|reconhecid\w+ pelo mec)\b|\bseguidores (brasileiros |mundiais )?reais\b|\bcnh (facil|sem|original)`,
			`\b[6-9]\d% off\b|\bfree worldwide shipping\b|\bonly today!`,
			`\b(buy|order|shop|compre|adquira|garanta) (it |yours |yours? )?(now|today|here|ja|agora|hoje)( and\b|[!:.,]| https?| www)|\bget yours now\b|\bfactory (direct|price)|\bbest factory\b`,
			`\b(iptv|lista iptv|smart ?tv box)\b.{0,40}(teste|gratis|canais|channels|free|trial|mensal|r\$)|\bhacker (for hire|service)|\bclon(e|ed|ados?) (cards?|cartoes|cartao)|\bcartao clonado|\bmais de \d[\d.]* canais`,
		}),
	newTopic("scam",
		[]string{
			`\b\d[\d.,]* ?(million|m) (us |u\.s\. )?(dollars|usd|euros?|pounds)|\b(million|milhoes de) (us )?(dollars|dolares|euros)\b|\b(donate|donation|doacao) (of|de|the sum)|\bheranca\b|\binheritance\b`,
			`\b(hacked|infected) (your|you)\b|\bbitcoin (wallet|address)\b`,
			`\byour (account|domain|website|site|mailbox|e-?mail|hosting|listing) .{0,30}(suspend\w*|expir\w*|deactivat\w*|block\w*|terminat\w*|cancel\w*|delet\w*)|\bsu[ao] (conta|dominio|site|e-?mail) (sera|foi|esta) (bloquead|suspens|cancelad|expirad|desativad)\w*|\bverify your (account|identity|e-?mail|wallet)`,
			`\bdomain (renewal|expiration|registration|notice|listing)|\b(final|last|expiration) notice\b|\b(renovacao|vencimento) (do|de) (seu )?dominio|\bregistro (do|de) dominio .{0,30}(venc|expir)|\bboleto (em aberto|vencido|em atraso)|\bnota fiscal em anexo|\bconfidential\b`,
		},
		[]string{
			`\bnext of kin\b|\bi am .{0,10}barrister\b|\bunclaimed (funds?|account|estate)|\bdormant account\b|\bdeixou (uma )?heranca\b|\bseek your (partnership|assistance)`,
			`\b(selected|chosen) for a donation\b|\bdonation of [$€]|\byou were (selected|chosen)\b`,
			`\b(have (full )?access to|we have) your ?(device|camera|webcam|computer|accounts?|database|data)\b|\brecorded you\b|\bpay .{0,20}(in )?(bitcoin|btc)|\bwe leak it\b|\byour (site|website) has been hacked`,
			`\byou(r (web)?site)? (\w+ )?(violat\w+|infring\w+|used?) (my |a |our )*(copyright\w*|images?|photos?)|\bmy images at your\b|\byou (could|can|will) be sued\b|\bsee the evidence\b`,
			`\b(mailbox|account|domain) .{0,30}(will be|is about to) (deactivated|expire|suspended|closed|deleted)|\bsua conta sera bloquead|\b(complete|renew) .{0,20}\bdomain\b|\bverify your (account|wallet|identity)( here)?:? ?https?|\bmailbox storage is full`,
			`\b(confidential|mutual|lucrative) business (proposal|transaction|deal|opportunity)|\bdear (friend|beloved)\b`,
			`\bspell ?caster\b|\blove spell|\b(my|your|an|lost) (ex|lover) back\b`,
			`\b(confirme|atualize|valide) (seus? dados|sua conta|seu cadastro|sua senha)|\b(voce|vc) tem direito a receber\b|\bconsulte seu cpf\b|\bevite (o |a )?(protesto|bloqueio|suspensao|cancelamento)`,
		}),
	newTopic("services",
		[]string{
			`\b(would|are) you (be )?(interested|open) (in|to)\b|\blet me know if you('re| are) interested\b|\b(can|may|could) (i|we) (send|share|email) (you )?|\b(at|for) (an? |very |most )*(affordable|reasonable|lowest|cheap) (price|cost|rate)s?\b`,
			`\b(increase|boost|grow|double|improve|drive|triple) (your|you) ?(online )?(sales|traffic|revenue|leads|ranking|rankings|business|instagram|followers|visibility|conversions?|roi|presence|profits?|customers)|\b(website|web|logo|app) (design|development|redesign)\b`,
			`\btelegram ?[:@]|\bskype ?[:@]|\b(contact|write|message|reach|text|add|find|chame|chama) (me|us|no)? ?(on|via|at|in|pelo|no) (telegram|skype)|\blifetime (deal|access|license)|\bone[- ]time (payment|fee|price)|\bcommercial license|\bno monthly fees?|\b(virtual assistants?|telemarketing|data entry)\b`,
			`\b(manufacturer|supplier|factory|exporter|company) .{0,20}(from|in|of|based in) (china|india|bangladesh|pakistan)\b|\bвеб-студи`,
		},
		[]string{
			`\b(we|i) (can )?(offer\w*|provid\w+|create|build|design|develop) (\w+ )?(mobile app|web|website|logo|graphic|app|software|wordpress|ecommerce|e-commerce|stunning)( |-)(design|develop|redesign|websites?|sites?)\w*|\bour (affordable |professional )?(web|website|app|seo) (design|development)|\boffering (web|website|app|mobile)`,
			`\b(redesign|revamp|rebuild) your (web)?site|\bstunning (web)?sites?\b|\bfree (mock-?up|logo)\b|\b(web)?sites? (starting|from) (at )?[$€£r]`,
			`\b(explainer|promo|promotional|animated|animation|whiteboard|marketing) videos? (for your|of your)|\bour explainer|\bengaging video`,
			`\b(would|are) you (be )?(interested|open) (in|to) (our|a free|getting|increasing|boosting|receiving|more|having|buying|selling|outsourc\w*)|\bmay i (send|share)|\b(can|shall|could) i (send|share|email) (you )?(a |an |our |the |some |more )*(quote|proposal|price ?list|pricing|packages?|portfolio|details|samples?|report|audit)|\bsend (you )?our portfolio`,
			`\b(we|i|can) (can )?(increase|boost|grow|skyrocket|double|explode|improve|drive|triple) your (online )?(sales|traffic|revenue|leads|ranking|rankings|business|instagram|youtube|followers|visibility|conversions?|roi|presence|profits?|customers)|\band grow your business|\bgrow your (youtube|instagram|tiktok|channel)`,
			`\b(our|offer\w*|provid\w+|affordable|dedicated) (dedicated )?(virtual assistants?|bookkeeping|telemarketing|outsourc\w+)\b|\boutsource your\b`,
			`\b(our|the) (prices?|packages?|rates?|plans?|services?) (start|begin)s? (at|from) (just|only)\b|\boffshore company\b`,
			`\b(aumente|multiplique|dobre|alavanque|turbine) (as |o |a |os )?(suas|seu|sua|seus) (vendas|faturamento|seguidores|lucros?|cliente\w*|empresa|negocio)`,
			`\b(criamos|fazemos|desenvolvemos) (o )?(seu |sua )?(sites?|aplicativos?|logos?|logomarcas?|lojas? virtua\w+|artes?)\b.{0,60}(r\$|a partir|barat|promoc|preco|voce)|\bsites? profissiona\w+ a partir`,
			`\bwe are (a |an )?(leading|professional|reputed|top|certified|chinese|china[- ]based) .{0,40}(manufacturer|supplier|factory|exporter|company)|\bwelcome to inquir|\bwe produce .{0,40}\b(best|factory)\b`,
			`\b(launch special|lifetime deal,|unlimited videos)\b|\bin minutes!|\b(delivery|shipping|contact|join) (\w+ ){0,4}telegram ?[:@]?`,
		}),
}
