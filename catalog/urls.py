"""The URLs of the architecture's contract."""

from django.urls import URLPattern, URLResolver, path, re_path

from catalog.browse.recent import recent
from catalog.browse.views import grid, random_item
from catalog.compare.views import compare, heat
from catalog.map.views import map_card, map_data, map_page, map_sheet
from catalog.monitoring.views import metrics_page
from catalog.owner.beacon import beacon
from catalog.photo.views import photo
from catalog.similar.views import item
from catalog.taste.views import export, judge, state, taste
from catalog.views import healthz, preview, readyz
from catalog.widget.views import widget_demo
from catalog.words.views import words

app_name = "catalog"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", random_item, name="random"),
    path("items/", grid, name="grid"),
    path("items/<str:item_id>/", item, name="item"),
    path("items/<str:item_id>/preview.jpg", preview, name="preview"),
    path("recent/", recent, name="recent"),
    path("search/photo/", photo, name="photo"),
    path("search/words/", words, name="words"),
    path("compare/<str:first>/<str:second>/", compare, name="compare"),
    re_path(r"^compare/(?P<first>[^/]+)/(?P<second>[^/]+)/heat-(?P<side>[ab])\.png$", heat, name="heat"),
    path("map/", map_page, name="map"),
    path("map/data.json", map_data, name="map_data"),
    path("map/sheets/<str:key>/<int:number>.webp", map_sheet, name="map_sheet"),
    path("map/items/<str:item_id>/", map_card, name="map_card"),
    path("taste/", taste, name="taste"),
    path("taste/favourites.csv", export, name="favourites_csv"),
    path("taste/judge/", judge, name="judge"),
    path("taste/state/", state, name="taste_state"),
    path("widget/demo/", widget_demo, name="widget_demo"),
    path("usage/", beacon, name="usage"),
    path("metrics", metrics_page, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
