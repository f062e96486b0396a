"""Values that many strangers share, and that therefore never prove that two rows are one."""

from __future__ import annotations

# Mailboxes of a function, not of a person. RFC 2142 names the first group; the rest is what lists hold.
ROLE_LOCALS = frozenset(
    ["abuse", "admin", "administrator", "billing", "hostmaster", "info", "ftp", "list", "marketing", "news", "noc", "postmaster", "root", "sales", "security", "support", "usenet", "uucp", "webmaster", "www", "accounting", "accounts", "all", "ap", "ar", "bestellung", "booking", "bookings", "buchhaltung", "career", "careers", "commercial", "compliance", "contact", "contactus", "contacto", "contato", "customerservice", "datenschutz", "dev", "direction", "dpo", "einkauf", "enquiries", "enquiry", "everyone", "events", "export", "feedback", "finance", "gdpr", "hallo", "hello", "help", "helpdesk", "hi", "hr", "impressum", "inbox", "info1", "infos", "inquiries", "inquiry", "invoice", "invoices", "it", "jobs", "kontakt", "kundenservice", "legal", "leads", "mail", "mailbox", "management", "media", "newsletter", "no-reply", "noreply", "office", "orders", "partner", "partners", "personal", "post", "presse", "press", "privacy", "procurement", "purchasing", "reception", "recruiting", "recruitment", "sekretariat", "service", "services", "shop", "staff", "studio", "subscribe", "team", "technik", "tech", "unsubscribe", "verkauf", "vertrieb", "welcome", "zentrale"]
)

# Hosts where anybody has a page: sharing one says nothing about being one company.
PLATFORM_DOMAINS = frozenset(
    ["about.me", "airtable.com", "amazon.com", "amazonaws.com", "apple.com", "angel.co", "app.link", "bandcamp.com", "behance.net", "bit.ly", "blogger.com", "blogspot.com", "business.site", "calendly.com", "canva.com", "carrd.co", "crunchbase.com", "discord.com", "discord.gg", "dribbble.com", "dropbox.com", "etsy.com", "eventbrite.com", "facebook.com", "fb.com", "figma.com", "flickr.com", "framer.website", "gitbook.io", "github.com", "github.io", "gitlab.com", "gitlab.io", "glitch.me", "godaddysites.com", "goo.gl", "google.com", "gumroad.com", "heroku.com", "herokuapp.com", "hubspot.com", "indiegogo.com", "instagram.com", "issuu.com", "itch.io", "jimdo.com", "jimdosite.com", "kickstarter.com", "launchrock.com", "linkedin.com", "linktr.ee", "mailchimp.com", "medium.com", "meetup.com", "myshopify.com", "netlify.app", "netlify.com", "notion.site", "notion.so", "pages.dev", "patreon.com", "pinterest.com", "producthunt.com", "quora.com", "reddit.com", "shopify.com", "sites.google.com", "skype.com", "slack.com", "soundcloud.com", "square.site", "squarespace.com", "strikingly.com", "substack.com", "surge.sh", "t.co", "t.me", "telegram.me", "tiktok.com", "tinyurl.com", "tumblr.com", "twitch.tv", "twitter.com", "typeform.com", "vercel.app", "vimeo.com", "wa.me", "web.app", "webflow.io", "weebly.com", "weibo.com", "whatsapp.com", "wikipedia.org", "wix.com", "wixsite.com", "wordpress.com", "workable.com", "x.com", "xing.com", "yelp.com", "youtu.be", "youtube.com", "ycombinator.com", "zoominfo.com"]
)

# A domain under which lists name at least this many companies, none of which has half the rows, is a group's or
# a host's, not one company's. Six: large companies are written in three or four ways, hardly in six equal ones.
GROUP_NAMES = 6

# A number that people of at least this many different names give is a switchboard.
SWITCHBOARD_PEOPLE = 4

# Record ids shorter than this are row counters (1, 2, 3 ...), which every list has and no two lists share.
RECORD_ID_LENGTH = 9


def is_role_mailbox(local: str) -> bool:
    """Is this local part a function (info, sales, no-reply) and not a person?"""
    return local.split("+", 1)[0].strip().lower() in ROLE_LOCALS


def is_platform(domain: str) -> bool:
    """Is this a host where anybody has a page?"""
    return domain.strip().lower().removeprefix("www.") in PLATFORM_DOMAINS
