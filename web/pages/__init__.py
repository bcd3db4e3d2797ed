"""The dashboard's pages, one file each: see `web.pages.discovery` for what a page is made of."""
