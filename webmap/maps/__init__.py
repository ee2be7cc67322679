"""Folium map pages with nothing from outside: assets, layers, their styles, and the page's parts."""
