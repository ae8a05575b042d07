"""What the sample firm is called, whom it serves and what it talks about. All of it is made up."""

FIRM = {"firm_name": "Wrayburn Advisory", "phone": "0113 496 0110", "time_zone": "Europe/London", "country": "GB"}
PASSWORD = "partnership"  # noqa: S105 - printed on the sign-in page of the demo, nowhere else in force
DOMAIN = "wrayburn.example"
MAIL_IN = f"crm@in.{DOMAIN}"

# name, role, job title, phone
PEOPLE = [
    ("Priya Raman", "account_manager", "Client director", "0113 496 0111"),
    ("Tom Okafor", "account_manager", "Client director", "0113 496 0112"),
    ("Hannah Lindqvist", "account_manager", "Client manager", "0113 496 0113"),
    ("Elaine Marsh", "manager", "Managing partner", "0113 496 0114"),
    ("Daniel Reyes", "administrator", "Operations director", "0113 496 0115"),
]

# name, industry, city, band, years together, owner (index into PEOPLE), how we really do (0–10), how well we think we do
CLIENTS = [
    ("Tidewell Water", "Water utility", "Leeds", "A", 7, 0, 6.3, 8.2),
    ("Northgate Foods", "Food manufacturer", "Hull", "A", 5, 0, 8.6, 7.2),
    ("Brightloom Textiles", "Textile mill", "Bradford", "B", 4, 0, 5.8, 7.4),
    ("Marram Energy", "Wind developer", "Grimsby", "A", 3, 0, 8.4, 8.2),
    ("Calder Steel", "Steel fabricator", "Sheffield", "B", 9, 0, 7.6, 7.9),
    ("Kestrel Robotics", "Robotics maker", "Cambridge", "B", 2, 0, 8.1, 7.8),
    ("Juniper Hotels", "Hotel group", "York", "B", 6, 0, 6.9, 7.0),
    ("Saltmarsh Brewery", "Brewery", "Whitby", "C", 3, 0, 7.3, 7.5),
    ("Linden Housing", "Housing association", "Leeds", "A", 5, 1, 6.4, 8.0),
    ("Sable Logistics", "Logistics", "Doncaster", "B", 4, 1, 7.2, 7.3),
    ("Pemberton Schools", "School trust", "Wakefield", "B", 8, 1, 6.6, 8.1),
    ("Ash Vale Care", "Care homes", "Harrogate", "C", 6, 1, 7.8, 7.6),
    ("Redmoor Quarry", "Quarry", "Skipton", "D", 11, 1, 5.6, 5.9),
    ("Quillfeather Press", "Publisher", "Edinburgh", "C", 2, 1, 8.5, 7.1),
    ("Harrow & Finch", "Architects", "Manchester", "B", 4, 1, 8.0, 8.2),
    ("Oxbow Dairy", "Dairy co-operative", "Ripon", "C", 7, 1, 7.9, 7.7),
    ("Corbel & Stone", "Builders", "Leeds", "A", 6, 2, 5.4, 8.3),
    ("Aldous Freight", "Road haulier", "Hull", "B", 3, 2, 4.6, 7.5),
    ("Greenholme Farms", "Vegetable grower", "Selby", "C", 5, 2, 7.7, 7.6),
    ("Penhallow Marine", "Boat yard", "Falmouth", "C", 2, 2, 8.2, 8.0),
    ("Larkspur Clinics", "Private clinics", "Leeds", "B", 4, 2, 7.5, 7.8),
    ("Tamarind Kitchens", "Caterer", "Bradford", "D", 3, 2, 8.3, 7.9),
    ("Bexley Instruments", "Instrument maker", "Sheffield", "B", 10, 2, 7.4, 7.7),
    ("Foxglove Media", "Production company", "Salford", "C", 1, 2, 6.8, 7.9),
    ("Wyvern Rail", "Rail maintenance", "York", "A", 5, 2, 7.8, 7.5),
    ("Müller & Söhne Werkzeuge", "Toolmaker", "Dortmund", "B", 4, 3, 7.9, 8.1),
    ("Atelier Beaumont", "Design studio", "Lyon", "C", 2, 3, 8.7, 8.4),
    ("Castillo Azulejos", "Tile maker", "Valencia", "C", 3, 3, 7.1, 7.4),
    ("Nørby Interiors", "Furniture maker", "Aarhus", "C", 2, 3, 8.0, 7.6),
    ("Harbour Trust", "Charity", "Liverpool", "D", 6, 3, 8.8, 8.6),
    ("Pinnacle Glass", "Glazing", "St Helens", "B", 3, 4, 7.0, 7.9),
    ("Orchard Street Dental", "Dental practices", "Huddersfield", "D", 2, 4, 8.4, 8.1),
    ("Ridgeway Solar", "Solar installer", "Bristol", "C", 1, 4, 7.6, 7.5),
    ("Beacon Learning", "Training provider", "Newcastle", "C", 3, 4, 6.2, 7.3),
    ("Stonegate Legal", "Law firm", "York", "B", 5, 4, 8.1, 8.0),
]
PLACES = {  # city: (country, zone, language, telephone prefix)
    "Dortmund": ("Germany", "Europe/Berlin", "de", "+49 231 5550"),
    "Lyon": ("France", "Europe/Paris", "fr", "+33 4 99 55 50"),
    "Valencia": ("Spain", "Europe/Madrid", "es", "+34 960 55 50"),
    "Aarhus": ("Denmark", "Europe/Copenhagen", "en-gb", "+45 86 55 50"),
}
HOME = ("United Kingdom", "Europe/London", "en-gb", "0113 496 0")

FIRST = [
    "Rosa", "Martin", "Greg", "Amina", "Helen", "Owen", "Dev", "Carla", "Beth", "Jon", "Nadia", "Colin", "Ingrid", "Sanjay",
    "Louise", "Patrick", "Mei", "Robert", "Aoife", "Kwame", "Judith", "Luca", "Farah", "Stephen", "Zofia", "Alan", "Grace",
    "Ibrahim", "Chloe", "Neil", "Marta", "Simon", "Yusuf", "Diane", "Peter", "Leila", "Graham", "Tessa", "Viktor", "Joanna",
]  # fmt: skip
LAST = [
    "Delgado", "Yeo", "Holm", "Diallo", "Ward", "Price", "Anand", "Nunes", "Okoro", "Hale", "Petrov", "Bright", "Solberg",
    "Mehta", "Carver", "Doyle", "Chen", "Ashworth", "Byrne", "Mensah", "Kaplan", "Ricci", "Haddad", "Thorpe", "Nowak",
    "Fielding", "Osei", "Rahman", "Barlow", "Whitaker", "Silva", "Grant", "Aziz", "Lowe", "Hudson", "Karimi", "Pike",
    "Marsden", "Ivanov", "Lister",
]  # fmt: skip
JOBS = [
    ("Finance director", "decision_maker"),
    ("Financial controller", "day_to_day"),
    ("Chief executive", "decision_maker"),
    ("Operations manager", "day_to_day"),
    ("Head of procurement", "finance"),
    ("Company secretary", "other"),
]

# Work in hand: (topic, what we promise, what they promise, done when)
WORK = [
    ("the capital-allowances schedule", "Send the revised capital-allowances schedule", "Send the asset register", "Their auditor can tie every line to the register"),
    ("the management accounts", "Send comments on the management accounts", "Send the month’s management accounts", "Both sides have the same closing figures"),
    ("the board paper", "First draft of the board paper", "Comments on the board paper", "It can go to the board without another round"),
    ("the grant claim", "Submit the grant claim", "Timesheets for the grant claim", "The portal shows it as received"),
    ("the warehouse lease", "Draft heads of terms for the lease", "Send the landlord’s last letter", "Both lawyers have the same draft"),
    ("the cash-flow model", "Cash-flow model, version 2", "Sales forecast by month", "The model balances with last year’s accounts"),
    ("the payroll handover", "Confirm who covers payroll", "List of starters and leavers", "Nobody is paid late"),
    ("the VAT review", "VAT review note", "Copies of the import invoices", "They can act on it without asking us what it means"),
    ("next year’s fee", "Fixed fee for next year", "Sign the engagement letter", "One number, no surprises"),
    ("the new finance system", "Shortlist of finance systems", "Name the project lead", "Three names with prices"),
    ("the pension scheme", "Compare the pension providers", "Staff list with start dates", "A one-page comparison"),
    ("the insurance renewal", "Review the insurance cover", "Send the current policy", "Every gap is named with its price"),
]  # fmt: skip

# Who reached out, and what was written down.
CALLS = [
    ("theirs", "{p} rang about {t}. Wants it simple enough to show to the board."),
    ("ours", "Went through {t} with {p}. Two open points, neither of them ours."),
    ("theirs", "{p} asked how far we are with {t}. Told them where it stands and when they will hear next."),
    ("ours", "Short call about {t}. {p} is content, the team has been quick."),
    ("ours", "{p} sounded tired; the year end is heavy. We agreed to take {t} off their desk this month."),
    ("ours", "Talked {t} through. {p} had expected it last week and said so plainly."),
    ("theirs", "{p} thanked us for {t}: “the first time I understood it.”"),
]
MEETINGS = [
    ("ours", "Quarterly review with {p}. Budget for next year is flat; {t} stays the priority."),
    ("theirs", "Met on site. Saw the new line running; {t} makes more sense after that."),
    ("ours", "Sat down with {p} about {t}. They would rather hear bad news early than good news late."),
    ("ours", "Lunch with {p}. They may introduce us to a supplier who has the same trouble with {t}."),
]
EMAILS = [
    ("ours", "Sent {p} where we are with {t}."),
    ("theirs", "{p} wrote: {t} can wait until the week after next."),
    ("ours", "Answered {p}’s questions on {t}, point by point."),
    ("ours", "Shared the plan for {t}; {p} will look at it by Friday."),
    ("theirs", "{p} asked two questions about {t} and copied in the auditor."),
]
NOTES = [
    ("", "{p} reads everything on the train before eight: send things the evening before."),
    ("", "New person in accounts; {p} will introduce us."),
    ("", "They are thinking of buying a competitor. Nothing on paper yet."),
]
PRAISE = [
    "Good people, good work.",
    "You know our business better than some of my own managers.",
    "Always somebody at the other end of the phone.",
    "I recommend you, and I have.",
]
CRITIQUE = [
    "Good people, good work. But I find out about slips when the date has already gone.",
    "Tell me earlier when something moves. I can plan around nearly anything.",
    "We had three different contacts this year and I explained ourselves three times.",
    "The work is fine. Getting an answer is not.",
    "I should like to know what we are paying for.",
]
UNDONE = [
    "The comparison we talked about in spring.",
    "An introduction to the grants people, promised at the review.",
]
WHATS_IN_IT = [
    "No surprises at the year end, and a finance team that goes home on time.",
    "Wants to be ready for a buyer in three years.",
    "A second pair of eyes before every board meeting.",
    "To stop doing the numbers at the weekend.",
    "A lender who trusts the forecast.",
]
