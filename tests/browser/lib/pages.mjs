// Every page of the site. Tests of the whole site walk this list, so that a page
// added here is held to all of it.

const receipts = { reference: "NG-7K3M-9Q2X", protocol: "RQ-7K3M-9Q2X" };

// lang is that of the page; indexable pages are those of the sitemap; status is what
// the page is answered with, 200 unless it is named.
export const pages = [
  { name: "landing", lang: "pt-BR", path: "/", indexable: true, landing: true },
  { name: "landing", lang: "en", path: "/en/", indexable: true, landing: true },
  { name: "landing variant a", lang: "pt-BR", path: "/?variant=a", variant: "a" },
  { name: "landing variant b", lang: "pt-BR", path: "/?variant=b", variant: "b" },
  { name: "landing variant a", lang: "en", path: "/en/?variant=a", variant: "a" },
  { name: "landing variant b", lang: "en", path: "/en/?variant=b", variant: "b" },
  { name: "receipt", lang: "pt-BR", path: `/obrigado/?ref=${receipts.reference}` },
  { name: "receipt", lang: "en", path: `/en/thank-you/?ref=${receipts.reference}` },
  { name: "no receipt", lang: "pt-BR", path: "/obrigado/" },
  { name: "no receipt", lang: "en", path: "/en/thank-you/" },
  { name: "notice", lang: "pt-BR", path: "/privacidade/", indexable: true },
  { name: "notice", lang: "en", path: "/en/privacy/", indexable: true },
  { name: "rights", lang: "pt-BR", path: "/privacidade/solicitacao/", indexable: true, rights: true },
  { name: "rights", lang: "en", path: "/en/privacy/request/", indexable: true, rights: true },
  { name: "rights receipt", lang: "pt-BR", path: `/privacidade/solicitacao/recebida/?protocol=${receipts.protocol}` },
  { name: "rights receipt", lang: "en", path: `/en/privacy/request/received/?protocol=${receipts.protocol}` },
  { name: "no rights receipt", lang: "pt-BR", path: "/privacidade/solicitacao/recebida/" },
  { name: "no rights receipt", lang: "en", path: "/en/privacy/request/received/" },
  { name: "not found", lang: "pt-BR", path: "/nada/", status: 404 },
  { name: "not found", lang: "en", path: "/en/nothing/", status: 404 },
];

// Those that look different: a landing page is one of its variants.
export const distinct = pages.filter((page) => !page.landing);

export const landings = pages.filter((page) => page.landing);
export const rightsPages = pages.filter((page) => page.rights);

export const languages = {
  "pt-BR": {
    landing: "/", receipt: "/obrigado/", prefix: "Erro: ",
    rights: "/privacidade/solicitacao/", rightsReceipt: "/privacidade/solicitacao/recebida/",
  },
  en: {
    landing: "/en/", receipt: "/en/thank-you/", prefix: "Error: ",
    rights: "/en/privacy/request/", rightsReceipt: "/en/privacy/request/received/",
  },
};

export function label(page) {
  return `${page.name} ${page.lang}`;
}
