"""Where Alder & Finch meets its customers: regions, shops, depots, channels, touchpoints.

These are structure, not effects: they stay the same when nothing is planted.
"""

REGIONS = {
    "North": 0.34,
    "London": 0.18,
    "South": 0.16,
    "Midlands": 0.14,
    "Scotland": 0.10,
    "Wales": 0.08,
}

SHOPS = {
    "shop-leeds": "North",
    "shop-hull": "North",
    "shop-sheffield": "North",
    "shop-camden": "London",
    "shop-richmond": "London",
    "shop-bristol": "South",
    "shop-brighton": "South",
    "shop-derby": "Midlands",
    "shop-birmingham": "Midlands",
    "shop-edinburgh": "Scotland",
    "shop-glasgow": "Scotland",
    "shop-cardiff": "Wales",
}
TRAINED = (
    "shop-leeds",
    "shop-camden",
    "shop-bristol",
    "shop-derby",
    "shop-glasgow",
    "shop-cardiff",
)
WEAK_SHOP = "shop-hull"
DEPOTS = {region: f"depot-{region.lower()}" for region in REGIONS}

SEGMENTS = {"Regulars": 0.38, "Families": 0.24, "Occasional": 0.26, "Trade": 0.12}

CHANNELS = {
    "store": 0.19,
    "web": 0.23,
    "mobile": 0.23,
    "phone": 0.12,
    "chat": 0.12,
    "email": 0.11,
}
EXPORT_NAMES = {
    "store": "Store",
    "web": "Website",
    "mobile": "Mobile app",
    "phone": "Phone",
    "chat": "Live chat",
    "email": "E-mail",
}

ABOUT = {
    "range": "The choice of products",
    "price": "Value for money",
    "site": "Our website or app",
    "checkout": "Paying",
    "delivery": "Delivery",
    "packaging": "Packaging",
    "staff": "The people you met",
    "returns": "Returns and refunds",
    "support": "Help when you needed it",
}
TOUCHPOINTS = tuple(ABOUT)
# What one step of a touchpoint is worth in the hidden opinion; returns are worth nothing.
DRIVERS = {
    "range": 0.14,
    "price": 0.12,
    "site": 0.20,
    "checkout": 0.10,
    "delivery": 0.55,
    "packaging": 0.03,
    "staff": 0.18,
    "returns": 0.00,
    "support": 0.12,
}
