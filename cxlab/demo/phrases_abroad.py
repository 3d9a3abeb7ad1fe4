"""The same in German, French and Spanish: shorter lists for the few who write them."""

SLOTS = {
    "DE": {
        "product": (
            "Wasserkocher|Bücherregal|Teppich|Stehlampe|Bettwäsche|Sessel|Spiegel|Schreibtisch"
        ),
        "n": "zwei|drei|vier|5|sechs|zehn",
        "day": "Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag",
        "place": "Leeds|Camden|Bristol|Glasgow|Cardiff|Derby",
    },
    "FR": {
        "product": "bouilloire|étagère|tapis|lampadaire|parure de lit|fauteuil|miroir|bureau",
        "n": "deux|trois|quatre|5|six|dix",
        "day": "lundi|mardi|mercredi|jeudi|vendredi|samedi",
        "place": "Leeds|Camden|Bristol|Glasgow|Cardiff|Derby",
    },
    "ES": {
        "product": (
            "hervidor|estantería|alfombra|lámpara|juego de sábanas|sillón|espejo|escritorio"
        ),
        "n": "dos|tres|cuatro|5|seis|diez",
        "day": "lunes|martes|miércoles|jueves|viernes|sábado",
        "place": "Leeds|Camden|Bristol|Glasgow|Cardiff|Derby",
    },
}
GOOD = {
    "DE": (
        "{product} kam am {day}, alles bestens|Sehr freundliche Bedienung in {place}|"
        "Lieferung in {n} Tagen, super|Gute Auswahl, mein {product} gefällt mir sehr|"
        "Bin seit {n} Jahren zufrieden|Rückgabe in {place} war ganz einfach"
    ),
    "FR": (
        "{product} livré {day} comme promis, merci|Personnel très aimable à {place}|"
        "Livraison en {n} jours, parfait|Très contente de mon achat : {product}|"
        "Cliente depuis {n} ans, rien à redire|Retour facile au magasin de {place}"
    ),
    "ES": (
        "Mi compra ({product}) llegó el {day}, perfecto|El personal de {place} muy amable|"
        "Entrega en {n} días, genial|Muy contenta con: {product}|"
        "Cliente desde hace {n} años, sin quejas|"
        "Devolución fácil en {place}"
    ),
}
BAD = {
    "DE": (
        "{product} kam {n} Tage zu spät|Am {day} den ganzen Tag umsonst gewartet|"
        "Die App stürzt beim {product} dauernd ab|Keine Antwort auf meine Mail vom {day}|"
        "Personal in {place} leider unfreundlich|{product} beschädigt, Erstattung nach {n} Wochen"
    ),
    "FR": (
        "{product} arrivé avec {n} jours de retard|Attendu tout le {day} pour rien|"
        "L'application plante {n} fois par jour|Aucune réponse depuis {day}|"
        "Personnel désagréable à {place}|{product} abîmé, remboursement après {n} semaines"
    ),
    "ES": (
        "Mi pedido ({product}) llegó {n} días tarde|Esperé todo el {day} y nadie vino|"
        "La aplicación se cierra {n} veces al día|Sin respuesta desde el {day}|"
        "El personal de {place} fue grosero|{product} roto y {n} semanas sin reembolso"
    ),
}
GOOD_ENDS = {
    "DE": "||Danke.|Bitte weiter so|Immer wieder gern.",
    "FR": "||Merci.|Bonne continuation|Je recommande.",
    "ES": "||Gracias.|Un saludo|Lo recomiendo.",
}
BAD_ENDS = {
    "DE": "||Schade.|Na ja.|Das geht besser.|Nie wieder",
    "FR": "||Dommage.|À améliorer.|Très déçue.|Plus jamais",
    "ES": "||Una pena.|En fin.|Por favor, mejoren.|Nunca más",
}
GOOD_TERSE = {
    "DE": "gut|passt|alles ok|super|nichts",
    "FR": "bien|RAS|parfait|rien|très bien",
    "ES": "bien|todo bien|perfecto|nada|genial",
}
BAD_TERSE = {
    "DE": "zu teuer|schlecht|keine|zu langsam|geht so",
    "FR": "trop cher|bof|aucun|trop lent|déçu",
    "ES": "caro|mal|ninguno|lento|regular",
}
