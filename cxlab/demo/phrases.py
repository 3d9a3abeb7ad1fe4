"""What English-speaking customers write about: phrases by topic and by feeling.

`{slot}` is filled from SLOTS, again and again. Topics are the touchpoints and the
happenings of single months.

Not here: how a comment is put together, typed and misspelt (comments).
"""

SLOTS = {
    "product": (
        "oak bookcase|linen duvet set|kettle|floor lamp|cast iron pan|wool throw|"
        "bath mat|armchair|"
        "set of mugs|picture frame|desk|bedside table|wardrobe|rug|pendant light|garden bench|"
        "toaster|salad bowl|blackout blind|mattress topper|storage basket|sofa bed|coffee table|"
        "towel set|knife block|mirror|laundry bin|cushion covers|plant pot|wine rack|"
        "shower curtain|"
        "step stool|spice rack|candle set|table runner|highchair|chest of drawers|butter dish"
    ),
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|the bank holiday",
    "n": "two|three|four|five|six|8|9|ten|12",
    "minutes": "10|15|20|25|half an hour of|40|45|almost 50",
    "place": (
        "Leeds|Hull|Sheffield|Camden|Richmond|Bristol|Brighton|Derby|Birmingham|"
        "Edinburgh|Glasgow|"
        "Cardiff"
    ),
    "who": (
        "my mum|my husband|my wife|our neighbour|my daughter|my dad|a colleague|my sister|"
        "my landlady|the kids"
    ),
    "really": "really|so|very|genuinely|honestly|just|quite||||",
    "money": "£4.95|£6|£12|£18.50|£25|£40|£60|£120",
    "colour": "grey|sage green|navy|mustard|white|natural|black|terracotta",
    "good": "great|lovely|excellent|brilliant|spot on|fab|super|very good|first class|faultless",
    "bad": "poor|awful|shocking|dreadful|rubbish|not good enough|a shambles|disappointing|a joke",
    "helper": "Priya|Callum|Megan|Tomás|Isla|Dev|Gwen|a young lad|the lady|the chap",
}

GOOD = {
    "range": (
        "{really} good choice of things like the {product}|"
        "found the exact {colour} {product} I wanted|"
        "you always have something new, this time a {product}|"
        "nice selection, went in for a {product} and left with {n} other bits|"
        "nobody else stocks a {product} in {colour}|the {product} is {good}, so is the quality|"
        "love the new {colour} range|the {product} looks even better than in the photo|"
        "wasn't sure about the {product} but it fits our hall perfectly|"
        "{who} has the same {product} now, says it all|"
        "the {product} feels solid, not like the cheap ones"
    ),
    "price": (
        "{really} fair price for a {product}|got the {product} in the sale, saved {money}|"
        "good value, the {product} has lasted years|cheaper than elsewhere by {money}|"
        "price matched my {product} without fuss|worth every penny of the {money}|"
        "not the cheapest {product} but you get what you pay for|{money} off made {who} very happy"
    ),
    "site": (
        "website is {really} easy to find your way around|"
        "search found the {product} straight away|"
        "the filters are {good}, narrowed it down to {n} in seconds|"
        "photos of the {product} are {good}|"
        "simple to use even for {who}|could see which shop had the {product} in stock|"
        "even my {n} year old could order on there|"
        "liked seeing the {product} in a real room|the app remembers my size and saves me time"
    ),
    "checkout": (
        "paid in {n} clicks|checkout was quick and no account needed|"
        "took less than a minute to pay for the {product}|voucher worked first time|"
        "liked that it kept my basket from {day}|"
        "no surprise costs at the end for once|apple pay just worked"
    ),
    "delivery": (
        "{product} arrived on {day} as promised|delivery was {good}|came a day early, {good}|"
        "driver {really} polite and carried the {product} upstairs|"
        "got a text with a one hour slot on {day} and they stuck to it|"
        "ordered {day}, had the {product} within {n} days|tracking was {good} all the way|"
        "the driver waited while i found my shoes, what a star|"
        "delivered to {who} next door when I was at work, perfect|"
        "needed the {product} by {day} and it came"
    ),
    "packaging": (
        "{product} was well wrapped, not a scratch|hardly any plastic, thank you|"
        "box easy to open and recycle|packed with care, even the {product} survived|"
        "the kids made a den from the box, no foam anywhere|paper tape, paper fill, well done"
    ),
    "staff": (
        "staff in {place} were {good}|{helper} in the {place} shop could not do enough for me|"
        "{helper} found the last {product} out the back|"
        "friendly people who know about a {product}|"
        "{helper} took the time to explain the {product}|"
        "was served straight away by {helper} who was {really} helpful|"
        "{helper} measured my {product} twice to be sure|never felt pushed to buy|"
        "{helper} carried the {product} to the car in the rain|"
        "they remembered {who} from last year"
    ),
    "returns": (
        "returning the {product} was painless|refund for the {product} in {n} days, {good}|"
        "took the {product} back to {place}, no questions asked|new returns page is {good}|"
        "label printed at home, picked up on {day}|"
        "changed my mind about the {colour} one, money back by {day}|"
        "the returns bloke even collected the old {product}"
    ),
    "support": (
        "{helper} on the phone sorted it in minutes|chat answered quickly about my {product}|"
        "got a call back on {day} as promised|replacement {product} sent without arguing|"
        "{helper} actually listened and fixed it|"
        "{helper} rang to check the new {product} was ok, who does that nowadays|"
        "my mail from {day} was answered the same evening|a real person, not a robot"
    ),
}

BAD = {
    "range": (
        "never have the {product} in {colour}|"
        "range seems smaller than last year, no {product} at all|"
        "the {product} I wanted is always out of stock|"
        "nothing for trade customers, only one {product}|"
        "quality of the {product} has gone down|"
        "{product} wobbles and the {colour} is not {colour}|"
        "bought the {product} twice because the first one split|"
        "your {product} photos flatter it|three shops and not one {product} on display"
    ),
    "price": (
        "{product} is {really} overpriced|{money} for a {product}?|"
        "saw the same {product} {money} cheaper elsewhere|prices keep creeping up|"
        "{money} postage on a {product} is {bad}|went up by {money} while it was in my basket|"
        "how can a {product} cost {money} more than in spring|"
        "the voucher needs a {money} spend, bit of a con|paid {money}, fell apart in {n} weeks"
    ),
    "site": (
        "app keeps freezing when I look at a {product}|could not find the {product} on your app|"
        "search is {bad}, typed {product} and got a {colour} rug|"
        "app logs me out every {n} minutes|"
        "page takes ages to load on my phone|filters reset each time i go back|"
        "said the {product} was in stock in {place} and it was not|"
        "oh great, the app forgot my basket again|"
        "on my phone the buy button hides behind the banner|"
        "gave up on the app and drove to {place}|"
        "text is tiny on the mobile site, {who} could not read it"
    ),
    "checkout": (
        "basket emptied itself at payment|card declined {n} times for no reason|"
        "had to type my address {n} times to buy a {product}|"
        "could not use my voucher for {money}|"
        "paid twice for one {product}|"
        "why do i need an account for a {product}|"
        "it charged me {money} for delivery at the very last page"
    ),
    "delivery": (
        "{product} came {n} days late|waited in all {day} and nobody came|delivery was {bad}|"
        "left the {product} in the rain on {day}|still waiting for my {product} after {n} days|"
        "driver never rang, said we were out|tracking said delivered, it was not|"
        "delivery date changed {n} times|half of the order arrived, the {product} did not|"
        "took {day} off work for nothing|oh brilliant, another missed slot|"
        "left with a neighbour we do not have|"
        "{n} texts to say it is coming and it never did|nobody told me it was late"
    ),
    "packaging": (
        "{product} rattled around in a huge box|so much plastic round one {product}|"
        "box was crushed and the {product} scratched|polystyrene everywhere|"
        "took me {minutes} minutes to cut the {product} out of its plastic|"
        "no need to ship a {product} in a box for {n}"
    ),
    "staff": (
        "staff in {place} were {bad}|could not find anyone to ask about the {product} in {place}|"
        "{helper} in {place} was {really} rude about my {product}|"
        "queued {minutes} minutes in {place} with one till open|"
        "nobody knew if you do a {product}|"
        "{helper} said someone would come and nobody did|"
        "two people chatting at the till while {n} of us waited|"
        "felt like a nuisance asking about a {product}|"
        "{who} uses a wheelchair and nobody moved the {product} display"
    ),
    "returns": (
        "returning a {product} is {bad}|still no refund for the {product} after {n} weeks|"
        "refused to take the {product} back in {place}|had to pay {money} to send it back|"
        "returns form would not accept my order number|"
        "waited {minutes} minutes at the returns desk|"
        "the label would not print and the shop would not help|"
        "{n} mails about one refund|told to keep the box, then told the box was the problem"
    ),
    "support": (
        "on hold for {minutes} minutes about a {product}|nobody called me back|"
        "chat kept me waiting {minutes} minutes and then closed|passed round {n} people|"
        "had to explain it all again to {helper}|still waiting for an answer since {day}|"
        "bot asks the same {n} questions and then says goodbye|"
        "your left hand does not know what the right hand does|"
        "got {n} different answers to one question|mailed on {day}, silence|"
        "spoke to {helper}, then {helper}, then the line went dead"
    ),
}

# What people ask for: needs, wishes and obstacles, some of them solutions in disguise.
WISHES = {
    "range": (
        "please bring back the {colour} {product}|"
        "would like a {product} for small flats|i need spare parts for my {product}"
    ),
    "price": (
        "free delivery over {money} would be nice|wish there was a discount for old customers"
    ),
    "site": (
        "let me see the {product} in my room before I buy|"
        "please make the app work offline|i want to know if {place} has it before I drive there"
    ),
    "checkout": "let me pay by invoice|please keep my address, I have typed it {n} times",
    "delivery": (
        "I need to know the hour, not the day|"
        "would like to pick up in {place} after work|tell me BEFORE you miss the slot"
    ),
    "packaging": "less plastic please|i would give the box back if you took it",
    "staff": (
        "more people on the shop floor at weekends|somebody who can tell me which {product} lasts"
    ),
    "returns": (
        "let me return online orders in {place}|"
        "i want my refund when you get the parcel, not {n} days later"
    ),
    "support": (
        "just answer the phone|i want to talk to one person, not {n}|"
        "a call back would do, cannot wait {minutes} minutes at work"
    ),
}

# Happenings of single months: who writes these is planted, the words are only here.
LOGIN = (
    "locked out of my account since the new sign-in|the passkey thing will not let me in|"
    "cannot log in any more, it wants a passkey from my old phone|"
    "new sign in is {bad}, locked out {n} "
    "times|code for signing in never arrives|had to reset my login {n} times on {day}|"
    "since the login change my saved {product} list is gone|"
    "passkey? {who} gave up after {n} tries"
)
COURIER = (
    "new courier lost my {product}|courier has {bad} service, {n} missed slots|"
    "your new courier never turned up on {day}|"
    "depot says the courier has it, courier says the depot|"
    "{product} stuck at the northern depot for {n} days|parcel sat in the depot since {day}|"
    "third time the courier claims nobody was in"
)
JANUARY = (
    "christmas returns queue was {bad}|took {n} weeks to refund a christmas present|"
    "gift receipt for the {product} not accepted|"
    "tried to return a present from {who}, {minutes} minutes "
    "in the line|unwanted {product} from christmas, still no refund"
)

OPENERS = (
    "||||||||Well, |To be honest |I must say |As a customer of {n} years: |Ordered online. |Hi, |"
    "Bought for {who}. |Visited on {day}. |Not sure if this helps but |tbh |Overall fine but |"
    "Just moved to {place}. |First time with you. |Second order this year. "
)
GOOD_ENDS = (
    "|||||||Thank you.|Will be back.|Keep it up!|Have told {who}.|Couldn't fault it.|"
    "No complaints.|"
    "All good.|Nothing to complain about.|Recommended you to {who}.|5 stars from me|Ta"
)
BAD_ENDS = (
    "|||||||Please fix.|Won't be back.|Not impressed.|Sort it out.|I expected better.|"
    "Kindly improve this.|{who} said the same.|Last time for me.|Very frustrating.|"
    "A call would have been nice.|Would like my {money} back."
)
MIDDLES = (
    "it was okay, nothing special|does the job|no strong feelings about the {product}|"
    "some things good, some not|could be worse|same as everywhere else|average really"
)
TERSE_GOOD = (
    "great|good service|very happy|love it|easy|quick delivery|lovely staff|"
    "no complaints|excellent|"
    "top notch|happy|all good|good value|fab|brilliant shop|nice {product}|couldn't fault it"
)
TERSE_BAD = (
    "late delivery|too dear|slow|poor service|app crashes|rude|still waiting|never again|needs "
    "improvement|out of stock|awful|no reply|broken {product}|not great|bad app|expensive"
)
NON_ANSWERS = (
    "n/a|-|none|nothing|no|.|N/A|na|No comment|nothing to add|?|ok|nope|x|nil|see above|idk"
)
STORY = (
    "Let me tell you what happened.|I have shopped with you for {n} years.|It began on {day}.|"
    "We needed a {product} for {who}.|Long story, sorry.|Here is my experience in full."
)
LINKS = "Then |After that |On {day} |On top of that |And |But |In the end |Meanwhile |"
