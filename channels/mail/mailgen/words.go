package mailgen

import "strings"

// ascii takes the accents off the names that occur in words.go.
var ascii = strings.NewReplacer("à", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u", "'", "", "’", "")

var firstNames = []string{
	"Lucia", "Mario", "Giulia", "Francesco", "Chiara", "Alessandro", "Sara", "Matteo", "Niccolò", "Giosuè",
	"Elena", "Andrea", "Federica", "Lorenzo", "Martina", "Davide", "Silvia", "Giuseppe", "Anna", "Paolo",
	"Francesca", "Marco", "Valentina", "Simone", "Laura", "Antonio", "Noè", "Teresa", "Fatima", "Ionela",
	"Oksana", "Mohamed", "Mei", "Salvatore", "Rosa", "Carmela", "Gianni", "Ornella", "Umberto", "Agnese",
}

var lastNames = []string{
	"Rossi", "Ferrari", "Russo", "Bianchi", "Romano", "Colombo", "Ricci", "Marino", "Greco", "Bruno",
	"Gallo", "Conti", "De Luca", "Mancini", "Costa", "Giordano", "Rizzo", "Lombardi", "Moretti", "Barbieri",
	"Fontana", "Santoro", "Mariani", "Rinaldi", "Caruso", "Ferrara", "Galli", "Martini", "Leone", "Longo",
	"Gentile", "Martinelli", "Vitale", "Lombardo", "Serra", "Coppola", "D'Angelo", "Marchetti", "Parisi", "Villa",
	"Conte", "Ferraro", "Ferri", "Fabbri", "Bianco", "Marini", "Grasso", "Valentini", "Messina", "Sala",
	"De Angelis", "Gatti", "Pellegrini", "Palumbo", "Sanna", "Farina", "Dell'Acqua", "Popescu", "Benali", "Cantù",
}

var domains = []string{
	"posta.example", "libera.example", "mailcasa.example", "alice.example", "tin.example", "studio-ferri.example",
}

var streets = []string{
	"via Garibaldi", "via Roma", "piazza della Libertà", "viale Matteotti", "via XX Settembre", "via dell’Unità",
	"vicolo del Forno", "via Fratelli Cervi", "corso Italia", "via della Resistenza", "largo Donatori di Sangue",
	"strada provinciale 14", "via Giacomo Puccini", "via del Mulino", "piazza San Rocco", "via Papa Giovanni XXIII",
}

var greetings = []string{
	"Buongiorno,", "Buonasera,", "Gentile ufficio,", "Spett.le Comune,", "Salve,", "Gentilissimi,",
}

var closings = []string{
	"Resto in attesa di un vostro riscontro.", "Potete chiamarmi anche al mattino.", "Grazie per la disponibilità.",
	"Vi ringrazio fin d’ora per l’attenzione.", "Attendo notizie, possibilmente entro la settimana.",
	"Se serve posso passare di persona allo sportello.",
}

var regards = []string{"Cordiali saluti", "Distinti saluti", "Grazie e buona giornata", "Un saluto", "Saluti"}

var followUps = []string{
	"grazie della risposta. Allego quanto richiesto.", "non ho ancora avuto notizie della mia richiesta.",
	"purtroppo la situazione non è cambiata, anzi è peggiorata.", "va bene, passerò giovedì pomeriggio.",
	"scusate, avevo dimenticato di indicare il numero civico.", "perché non è possibile fare tutto online?",
	"confermo che il problema è stato risolto, siete stati velocissimi.",
}

// topic is a matter that citizens write about.
type topic struct {
	name     string
	subjects []string
	lines    []string
}

// In the texts %v stands for a street with a number.
var topics = []topic{
	{"tari", []string{"Tari: importo non corretto", "Richiesta riduzione TARI", "Doppio bollettino TARI per %v"}, []string{
		"ho ricevuto il bollettino della TARI per l’immobile di %v, ma i metri quadri non sono giusti.",
		"L’anno scorso pagavo circa 180 € e adesso la cifra è quasi il doppio.",
		"Nell’appartamento vivo da sola da gennaio, perciò penso di aver diritto alla riduzione.",
	}},
	{"strade", []string{"Buca pericolosa in %v", "Segnalazione manto stradale %v", "Asfalto dissestato in %v"}, []string{
		"segnalo una grossa buca in %v, proprio davanti alla fermata dell’autobus.",
		"Ieri sera un signore in bicicletta è caduto e per fortuna non si è fatto male.",
		"Con la pioggia non si vede più e diventa pericolosa, soprattutto per chi è in motorino.",
	}},
	{"luce", []string{"Lampione spento in %v", "Illuminazione pubblica guasta"}, []string{
		"da più di una settimana i lampioni di %v sono spenti.",
		"La sera è tutto buio e le persone anziane hanno paura a uscire.",
		"Il palo guasto porta il numero 4471.",
	}},
	{"carta-identita", []string{"Appuntamento carta d’identità", "CIE per mio figlio minorenne", "Carta d’identità scaduta"}, []string{
		"vorrei prenotare un appuntamento per la carta d’identità elettronica: la mia è scaduta martedì.",
		"Abito in %v e lavoro fino alle 17, quindi preferirei il pomeriggio.",
		"Per mio figlio di 9 anni è necessaria la presenza di entrambi i genitori?",
	}},
	{"scuola", []string{"Mensa scolastica: tariffa", "Iscrizione asilo nido", "Servizio scuolabus da %v"}, []string{
		"chiedo informazioni sull’iscrizione al nido comunale per settembre.",
		"Il mio ISEE è cambiato e vorrei sapere come aggiornare la tariffa della mensa.",
		"Lo scuolabus si ferma in %v oppure bisogna andare fino alla piazza?",
	}},
	{"rifiuti", []string{"Mancato ritiro rifiuti in %v", "Ritiro ingombranti", "Cassonetto rotto %v"}, []string{
		"questa mattina in %v non è stato ritirato l’umido.",
		"Vorrei prenotare il ritiro di un divano e di una lavatrice.",
		"Il cassonetto della plastica è rotto e i sacchi finiscono in strada.",
	}},
	{"rumori", []string{"Rumori notturni in %v", "Musica ad alto volume dopo mezzanotte"}, []string{
		"abito in %v e ogni venerdì il locale sotto casa tiene la musica alta fin dopo l’una.",
		"Ho già parlato con il gestore, ma non è servito a niente.",
		"Chiedo se sia possibile un controllo della Polizia Locale.",
	}},
	{"residenza", []string{"Cambio di residenza", "Pratica di residenza in %v: tempi", "Certificato di residenza"}, []string{
		"mi sono trasferita in %v e vorrei sapere quali documenti servono per la residenza.",
		"Il contratto di affitto è intestato al mio compagno: è un problema?",
		"Avrei bisogno anche di un certificato di stato di famiglia in carta libera.",
	}},
	{"ztl", []string{"Permesso ZTL", "Multa ZTL contestata", "Contrassegno disabili"}, []string{
		"ho ricevuto un verbale per l’accesso alla ZTL di %v, ma avevo il permesso esposto.",
		"Il permesso scade il 30/06: si può rinnovare online?",
		"Mia madre ha il contrassegno per disabili e la targa è già stata comunicata.",
	}},
	{"verde", []string{"Albero pericolante in %v", "Parco giochi: altalena rotta"}, []string{
		"nel giardino di %v c’è un albero inclinato che potrebbe cadere.",
		"L’altalena del parco giochi è rotta da mesi e i bambini rischiano di farsi male.",
		"Allego una fotografia così potete vedere di persona.",
	}},
	{"ringraziamento", []string{"Complimenti allo sportello", "Grazie!"}, []string{
		"volevo ringraziare l’impiegata dell’anagrafe per la gentilezza e la pazienza.",
		"In dieci minuti mi ha risolto un problema che avevo da mesi.",
		"Ogni tanto è giusto scrivere anche quando le cose vanno bene.",
	}},
	{"cimitero", []string{"Concessione loculo in scadenza", "Orari del cimitero"}, []string{
		"la concessione del loculo di mio nonno scade quest’anno.",
		"Quanto costa il rinnovo e con quali modalità si paga?",
		"Abito fuori, in %v, e non riesco a venire allo sportello di mattina.",
	}},
}
