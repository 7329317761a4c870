# ruff: noqa: E501 (cards as shops send them, one element after the other)
"""Category pages as shop systems put them out, drawn by hand: each system's build of a card, with what usually stands around.

`{n}` is the product's number, `{slug}` and `{title}` its names, `{price}` its amount. What must be read is by name in `Shop`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

TITLES: Final = ("Red bear tee", "Grey fox hoodie", "Blank canvas bag", "Pixel owl cap", "Wool hat 501")


@dataclass(frozen=True)
class Shop:
    """One way of building a category. `wanted`: (ItemID, URL path, picture path) of product number n with its slug."""

    name: str
    card: str
    wanted: Callable[[int, str], tuple[str, str, str]]
    around: str = "<main><h1>Clothes</h1><div class='grid'>{cards}</div>{pager}</main>"
    head: str = ""
    pager: str = "<nav class='pagination'><a class='active' href='/c?page=1'>1</a><a href='/c?page=2'>2</a><a href='/c?page=2'>›</a></nav>"
    next_url: str = "https://s.example/c?page=2"
    currency: str = "EUR"

    def html(self, shown: int = len(TITLES)) -> str:
        """The page with its first products between a menu, banners, other products and a footer."""
        cards = "".join(
            self.card.format(n=7001 + at * 7, slug=slug_of(title), title=title, price=f"{19 + at}.90", at=at)
            for at, title in enumerate(TITLES[:shown])
        )
        return (
            f"<html lang='de'><head><title>Clothes - Shop</title>{self.head}</head><body>{MENU}{BANNER}"
            f"{self.around.format(cards=cards, pager=self.pager)}{RECENT}{BLOG}{FOOTER}</body></html>"
        )


def slug_of(title: str) -> str:
    return title.lower().replace(" ", "-")


MENU: Final = (
    "<header><a href='/'><img src='/logo.png' alt='Shop'></a><div class='mega-menu'>"
    + "".join(f"<div class='tile'><a href='/c/{n}'><img src='/m/{n}.jpg'>From {n} €</a></div>" for n in range(8))
    + "</div><form action='/search'><input name='q'></form><a href='/cart'>Cart <span class='price'>0,00 €</span></a></header>"
)
BANNER: Final = (
    "<div class='hero'><a href='/sale'><img src='/hero.jpg' width='1600'></a><p>Free shipping over 50 €</p></div>"
    "<div class='promo'><div><a href='/gift'><img src='/gift.jpg'></a></div><div><a href='/new'><img src='/new.jpg'></a></div></div>"
)
RECENT: Final = (
    "<section><h2>Recently viewed</h2><div class='grid'>"
    + "".join(
        f"<div class='product'><a href='/p/old-{n}'><img src='/old/{n}.jpg'></a><a href='/p/old-{n}'>Old {n}</a><b class='price'>9 €</b></div>"
        for n in range(4)
    )
    + "</div></section>"
)
BLOG: Final = (
    "<section><h2>Journal</h2>"
    + "".join(f"<article><a href='/blog/{n}'><img src='/blog/{n}.jpg'></a><h3>How to wash {n}</h3></article>" for n in range(7))
    + "</section>"
)
FOOTER: Final = (
    "<footer><a href='/pay'><img src='/visa.png'></a><a href='https://social.example/x'><img src='/x.png'></a></footer>"
)

SHOPS: Final = (
    Shop(
        "shopify-debut",
        "<li class='grid__item'><div class='grid-view-item'><a class='grid-view-item__link' href='/collections/all/products/{slug}'>"
        "<span class='visually-hidden'>{title}</span></a><div class='image-wrapper'><img class='lazyload' alt='' src='/cdn/shop/products/"
        "{slug}_300x300.jpg' data-src='/cdn/shop/products/{slug}_{{width}}x.jpg' data-widths='[180, 360, 540, 720, 900]'></div>"
        "<div class='h4 grid-view-item__title'>{title}</div><dl class='price'><dt><span class='visually-hidden'>Regular price</span></dt>"
        "<dd><span class='price-item price-item--regular'>€{price}</span></dd></dl></div></li>",
        lambda n, slug: (slug, f"/collections/all/products/{slug}", f"/cdn/shop/products/{slug}_720x.jpg"),
        head="<script>Shopify.shop = 'x.myshopify.com'; Shopify.currency = {\"active\":\"EUR\",\"rate\":\"1.0\"};</script>",
    ),
    Shop(
        "woocommerce-sale-and-swatches",
        "<li class='product type-product post-{n} instock product_cat-tees'><a href='/product/{slug}/' class='woocommerce-LoopProduct-link'>"
        "<span class='onsale'>Sale!</span><img width='300' height='300' src='/up/{slug}-300x300.jpg' srcset='/up/{slug}-300x300.jpg 300w, "
        "/up/{slug}-768x768.jpg 768w, /up/{slug}-1536x1536.jpg 1536w'><h2 class='woocommerce-loop-product__title'>{title}</h2>"
        "<span class='price'><del aria-hidden='true'><bdi>40,00&nbsp;€</bdi></del> <span class='screen-reader-text'>Original price was: "
        "40,00 €.</span><ins><bdi>{price}&nbsp;€</bdi></ins></span></a><ul class='swatches'><li><a href='/product/{slug}/?c=red'>"
        "<img src='/sw/red.png' width='20'></a></li><li><a href='/product/{slug}/?c=blue'><img src='/sw/blue.png' width='20'></a></li></ul>"
        "<a href='?add-to-cart={n}' data-product_id='{n}' class='button add_to_cart_button'>In den Warenkorb</a></li>",
        lambda n, slug: (str(n), f"/product/{slug}/", f"/up/{slug}-768x768.jpg"),
        pager="<nav class='woocommerce-pagination'><ul><li><span class='page-numbers current' aria-current='page'>1</span></li>"
        "<li><a class='page-numbers' href='/c/page/2/'>2</a></li><li><a class='page-numbers' href='/c/page/9/'>9</a></li>"
        "<li><a class='next page-numbers' href='/c/page/2/'>→</a></li></ul></nav>",
        next_url="https://s.example/c/page/2/",
    ),
    Shop(
        "magento-2",
        "<li class='item product product-item'><div class='product-item-info' id='product-item-info_{n}'><a href='/{slug}.html' class="
        "'product photo product-item-photo'><img class='product-image-photo' src='/media/catalog/{slug}.jpg' alt='{title}'></a>"
        "<div class='product details'><strong class='product name product-item-name'><a class='product-item-link' href='/{slug}.html'>{title}"
        "</a></strong><div class='rating-summary'><span class='rating-result' title='87%'><span>87%</span></span></div>"
        "<div class='price-box price-final_price' data-role='priceBox' data-product-id='{n}'><span class='special-price'><span class="
        "'price-label'>Special Price</span><span class='price'>{price} €</span></span><span class='old-price'><span class='price-label'>"
        "Regular Price</span><span class='price'>49.00 €</span></span></div><div class='swatch-opt-{n}'></div><form data-role="
        "'tocart-form'><input type='hidden' name='product' value='{n}'><button title='Add to Cart' class='action tocart'>Add to Cart</button>"
        "</form></div></div></li>",
        lambda n, slug: (str(n), f"/{slug}.html", f"/media/catalog/{slug}.jpg"),
        pager="<div class='pages'><ul><li class='item current'><strong class='page'><span>1</span></strong></li><li class='item'>"
        "<a href='/c?p=2' class='page'><span class='label'>Page</span> <span>2</span></a></li><li class='item pages-item-next'>"
        "<a class='action next' href='/c?p=2' title='Next'><span>Next</span></a></li></ul></div>",
        next_url="https://s.example/c?p=2",
    ),
    Shop(
        "prestashop-1.6",
        "<li class='ajax_block_product col-xs-12 first-in-line'><div class='product-container' itemscope itemtype='http://schema.org/Product'>"
        "<div class='left-block'><a class='product_img_link' href='/tees/{n}-{slug}.html' title='{title}' itemprop='url'><img class="
        "'replace-2x' src='/{n}-home_default/{slug}.jpg' alt='{title}' itemprop='image'></a><a class='quick-view' href='/tees/{n}-{slug}.html'>"
        "<span>Quick view</span></a><div class='content_price' itemprop='offers' itemscope itemtype='http://schema.org/Offer'>"
        "<span itemprop='price' class='price product-price'>{price} €</span><meta itemprop='priceCurrency' content='EUR'></div>"
        "<a class='sale-box'><span class='sale-label'>Sale!</span></a></div><div class='right-block'><h5 itemprop='name'><a class="
        "'product-name' href='/tees/{n}-{slug}.html' title='{title}'>{title}</a></h5><a class='button ajax_add_to_cart_button' "
        "href='/cart?add=1&id_product={n}' data-id-product='{n}'>Add to cart</a></div></div></li>",
        lambda n, slug: (str(n), f"/tees/{n}-{slug}.html", f"/{n}-home_default/{slug}.jpg"),
        pager="<div id='pagination'><ul class='pagination'><li class='active current'><span><span>1</span></span></li><li><a href='/c?p=2'>"
        "<span>2</span></a></li><li id='pagination_next' class='pagination_next'><a href='/c?p=2' rel='next'><b>Next</b></a></li></ul></div>",
        next_url="https://s.example/c?p=2",
    ),
    Shop(
        "opencart-3",
        "<div class='product-layout product-grid col-lg-4'><div class='product-thumb'><div class='image'><a href='/{slug}'><img src="
        "'/image/cache/{slug}-228x228.jpg' alt='{title}' title='{title}' class='img-responsive'></a></div><div><div class='caption'><h4>"
        "<a href='/{slug}'>{title}</a></h4><p>Soft and warm, from 100 % cotton..</p><p class='price'>{price}€ <span class='price-tax'>Ex Tax: "
        "15.00€</span></p></div><div class='button-group'><button onclick=\"cart.add('{n}', '1');\"><span>Add to Cart</span></button>"
        "<button title='Compare this Product' onclick=\"compare.add('{n}');\"></button></div></div></div></div>",
        lambda n, slug: (str(n), f"/{slug}", f"/image/cache/{slug}-228x228.jpg"),
        pager="<ul class='pagination'><li class='active'><span>1</span></li><li><a href='/c?page=2'>2</a></li><li><a href='/c?page=2'>&gt;</a>"
        "</li><li><a href='/c?page=9'>&gt;|</a></li></ul>",
    ),
    Shop(
        "bigcommerce",
        "<li class='product'><article class='card' data-entity-id='{n}' data-name='{title}'><figure class='card-figure'><a href='/{slug}/' "
        "aria-label='{title}, €{price}'><img class='card-image lazyload' alt='{title}' src='/images/stencil/80w/{slug}.jpg' data-srcset="
        "'/images/stencil/320w/{slug}.jpg 320w, /images/stencil/640w/{slug}.jpg 640w, /images/stencil/1280w/{slug}.jpg 1280w'></a>"
        "<figcaption><button class='quickview' data-product-id='{n}'>Quick view</button></figcaption></figure><div class='card-body'>"
        "<p class='card-text' data-test-info-type='brandName'>ACME</p><h3 class='card-title'><a href='/{slug}/'>{title}</a></h3>"
        "<div class='price-section price-section--withTax non-sale-price--withTax' style='display: none;'>Was: <span></span></div>"
        "<span class='price price--withTax'>€{price}</span></div></article></li>",
        lambda n, slug: (str(n), f"/{slug}/", f"/images/stencil/640w/{slug}.jpg"),
        around="<main><h1>Clothes</h1><form action='/compare'><ul class='productGrid'>{cards}</ul></form>{pager}</main>",
    ),
    Shop(
        "shopware-5",
        "<div class='product--box box--basic' data-page-index='1' data-ordernumber='SW{n}'><div class='box--content'><div class='product--badges'>"
        "<div class='product--badge badge--discount'>%</div></div><div class='product--info'><a href='/tees/{n}/{slug}' title='{title}' class="
        "'product--image'><span class='image--media'><img srcset='/media/{slug}_200x200.jpg, /media/{slug}_200x200@2x.jpg 2x' alt='{title}'>"
        "</span></a><a href='/tees/{n}/{slug}' class='product--title' title='{title}'>{title}</a><div class='product--price-info'><div class="
        "'price--unit'><span>Inhalt 0.5 Liter (39,80 € * / 1 Liter)</span></div><div class='product--price'><span class='price--default "
        "is--nowrap is--discount'>{price}&nbsp;€ *</span><span class='price--pseudo'><span class='price--discount'>49,00&nbsp;€ *</span>"
        "</span></div></div></div></div></div>",
        lambda n, slug: (str(n), f"/tees/{n}/{slug}", f"/media/{slug}_200x200@2x.jpg"),
        pager="<div class='listing--paging'><a class='paging--link is--active'>1</a><a href='/c?p=2' class='paging--link paging--next'>"
        "<i class='icon--arrow-right'></i></a></div>",
        next_url="https://s.example/c?p=2",
    ),
    Shop(
        "bitrix",
        "<div class='product-item-container' id='bx_3966226736_{n}_7e1b8e' data-entity='item'><div class='product-item'><a class="
        "'product-item-image-wrapper' href='/catalog/tees/{slug}/' title='{title}' data-entity='image-wrapper'><span class="
        "'product-item-image-original' style=\"background-image: url('/upload/iblock/{slug}.jpg');\"></span><div class="
        "'product-item-label-ring'><span>-20%</span></div></a><h3 class='product-item-title'><a href='/catalog/tees/{slug}/' title='{title}'>"
        "{title}</a></h3><div class='product-item-info-container product-item-price-container' data-entity='price-block'><span class="
        "'product-item-price-old'>4 990 ₽</span>&nbsp;<span class='product-item-price-current'>{price} ₽</span></div><a class="
        "'btn btn-primary' href='javascript:void(0)'>Купить</a></div></div>",
        lambda n, slug: (slug, f"/catalog/tees/{slug}/", f"/upload/iblock/{slug}.jpg"),
        pager="<div class='bx-pagination'><ul><li class='bx-active'><span>1</span></li><li><a href='/c?PAGEN_1=2'><span>2</span></a></li>"
        "<li class='bx-pag-next'><a href='/c?PAGEN_1=2'><span>Вперед</span></a></li></ul></div>",
        next_url="https://s.example/c?PAGEN_1=2",
        currency="RUB",
    ),
    Shop(
        "tilda",
        "<div class='t-store__card js-product t-item' data-product-lid='{n}' data-product-uid='{n}'><a href='/tproduct/1-{n}-{slug}'><div class="
        "'t-store__card__imgwrapper'><div class='t-store__card__bgimg t-bgimg' data-original='/tild/{slug}.jpg' style=\"background-image:"
        "url('/tild/{slug}.jpg')\"></div></div><div class='t-store__card__wrap_txt-and-btns'><div class='t-store__card__title t-name'>{title}"
        "</div><div class='t-store__card__descr'>Cotton</div><div class='t-store__card__price-wrapper'><div class='t-store__card__price'>"
        "<div class='t-store__card__price-value js-product-price' data-product-price-def='{price}'>{price}</div><div class="
        "'t-store__card__price-currency'>€</div></div></div></div></a></div>",
        lambda n, slug: (str(n), f"/tproduct/1-{n}-{slug}", f"/tild/{slug}.jpg"),
    ),
    Shop(
        "insales",
        "<div class='product-card' data-product-id='{n}'><form action='/cart_items' method='post' data-product-id='{n}'><div class="
        "'product-card__photo'><a href='/collection/tees/product/{slug}'><picture><source media='(min-width:768px)' type='image/webp' "
        "data-srcset='/img/r/{slug}@2x.webp'><img class='lazyload' src='data:image/gif;base64,R0' data-src='/img/r/{slug}.jpg' alt='{title}'>"
        "</picture></a><div class='stickers'><img src='/stickers/hit.png' alt='Хит'></div></div><a class='product-card__name' "
        "href='/collection/tees/product/{slug}'>{title}</a><div class='price'><span class='price-old'>5 000 руб</span><span class="
        "'price-current'>{price} руб</span></div><input type='hidden' name='variant_id' value='9{n}'><button>В корзину</button></form></div>",
        lambda n, slug: (str(n), f"/collection/tees/product/{slug}", f"/img/r/{slug}.jpg"),
        currency="RUB",
    ),
    Shop(
        "ecwid",
        "<div class='grid-product grid-product--id-{n}'><div class='grid-product__wrap' data-product-id='{n}'><a href='/Tees/{slug}-p{n}' class="
        "'grid-product__image' title='{title}'><div class='grid-product__picture-wrapper'><img class='grid-product__picture' src='/ecwid/"
        "{slug}-400.jpg' srcset='/ecwid/{slug}-400.jpg 1x, /ecwid/{slug}-800.jpg 2x' width='400'></div></a><a class='grid-product__title' "
        "href='/Tees/{slug}-p{n}'><div class='grid-product__title-inner'>{title}</div></a><div class='grid-product__price'><div class="
        "'grid-product__price-value ec-price-item'>€{price}</div></div></div></div>",
        lambda n, slug: (str(n), f"/Tees/{slug}-p{n}", f"/ecwid/{slug}-800.jpg"),
    ),
    Shop(
        "salesforce-commerce-cloud",
        "<div class='col-6 col-sm-4'><div class='product' data-pid='M{n}'><div class='product-tile'><div class='image-container'><a href='/{slug}/"
        "M{n}.html'><img class='tile-image' src='/dw/{slug}.jpg?sw=260' alt='{title}'></a><a class='quickview' href='/Product-ShowQuickView?"
        "pid=M{n}' title='Quick View for {title}'><span>Quick View</span></a></div><div class='tile-body'><div class='color-swatches'><a href="
        "'/{slug}/M{n}.html?dwvar_color=R'><span class='swatch' style='background-image: url(/dw/sw/r.png)'></span></a></div><div class="
        "'pdp-link'><a class='link' href='/{slug}/M{n}.html'>{title}</a></div><div class='price'><span><del><span class='strike-through list'>"
        "<span class='value' content='50.00'><span class='sr-only'>Price reduced from</span>50.00 €<span class='sr-only'>to</span></span></span>"
        "</del><span class='sales'><span class='value' content='{price}'>{price} €</span></span></span></div></div></div></div></div>",
        lambda n, slug: (f"M{n}", f"/{slug}/M{n}.html", f"/dw/{slug}.jpg?sw=260"),
        pager="<div class='show-more'><button class='more' data-url='/c?start=5&sz=5'>More Results</button></div>",
        next_url="https://s.example/c?start=5&sz=5",
    ),
    Shop(
        "odoo",
        "<td class='oe_product'><div class='o_wsale_product_grid_wrapper'><form action='/shop/cart/update' method='post' class='oe_product_cart' "
        "itemscope itemtype='http://schema.org/Product'><div class='oe_product_image'><a href='/shop/{slug}-{n}' itemprop='url'><span><img src="
        "'/web/image/product.template/{n}/image_512' itemprop='image' alt='{title}'></span></a></div><div class='o_wsale_product_information'>"
        "<h6 class='o_wsale_products_item_title'><a href='/shop/{slug}-{n}' itemprop='name' content='{title}'>{title}</a></h6><div class="
        "'product_price' itemprop='offers' itemscope itemtype='http://schema.org/Offer'><span class='h6'><span class='oe_currency_value'>"
        "{price}</span>&nbsp;€</span><span itemprop='price' style='display:none;'>{price}</span><span itemprop='priceCurrency' style="
        "'display:none;'>EUR</span></div><input type='hidden' name='product_id' value='9{n}'></div></form></div></td>",
        lambda n, slug: (f"9{n}", f"/shop/{slug}-{n}", f"/web/image/product.template/{n}/image_512"),
        around="<main><h1>Clothes</h1><table><tr>{cards}</tr></table>{pager}</main>",
        pager="<ul class='pagination'><li class='page-item disabled'><a class='page-link' href=''>‹</a></li><li class='page-item active'>"
        "<a href='/c' class='page-link'>1</a></li><li class='page-item'><a href='/c/page/2' class='page-link'>2</a></li></ul>",
        next_url="https://s.example/c/page/2",
    ),
    Shop(
        "cs-cart",
        "<div class='ty-column4'><div class='ty-grid-list__item ty-quick-view-button__wrapper'><form action='/' method='post' name="
        "'product_form_{n}'><input type='hidden' name='product_data[{n}][product_id]' value='{n}'><div class='ty-grid-list__image'><a href="
        "'/{slug}.html'><img class='ty-pict lazyOwl' id='det_img_{n}' src='/images/thumbnails/{slug}.jpg' alt='{title}'></a></div><div class="
        "'ty-grid-list__item-name'><bdi><a href='/{slug}.html' class='product-title' title='{title}'>{title}</a></bdi></div><div class="
        "'ty-grid-list__price'><span class='ty-price' id='line_discounted_price_{n}'><span class='ty-price-num'>{price}</span>&nbsp;<span "
        "class='ty-price-num'>€</span></span></div></form></div></div>",
        lambda n, slug: (str(n), f"/{slug}.html", f"/images/thumbnails/{slug}.jpg"),
        pager="<div class='ty-pagination'><span class='ty-pagination__selected'>1</span><a class='ty-pagination__item' href='/c-page-2/'>2</a>"
        "<a class='ty-pagination__item ty-pagination__btn ty-pagination__next' href='/c-page-2/'>Next</a></div>",
        next_url="https://s.example/c-page-2/",
    ),
    Shop(
        "etsy-like",
        "<li class='wt-list-unstyled'><div class='v2-listing-card' data-listing-id='{n}'><a class='listing-link' data-listing-id='{n}' href="
        "'/listing/{n}/{slug}?click_key=ab{n}' target='_blank' title='{title}'><div class='placeholder'><img data-src='/il_340x270.{n}.jpg' "
        "src='/il_340x270.{n}.jpg' alt=''></div><div class='v2-listing-card__info'><h3 class='v2-listing-card__title'>{title}</h3><span class="
        "'wt-screen-reader-only'>4.9 out of 5 stars</span><span>(1,234)</span><div class='n-listing-card__price'><p class='lc-price'><span class="
        "'wt-screen-reader-only'>Sale Price €{price}</span><span aria-hidden='true'><span class='currency-symbol'>€</span><span class="
        "'currency-value'>{price}</span></span></p><p class='search-collage-promotion-price'><span class='wt-text-strikethrough'>€40.00</span>"
        "</p></div></div></a><button aria-label='Add to favourites'></button></div></li>",
        lambda n, slug: (str(n), f"/listing/{n}/{slug}?click_key=ab{n}", f"/il_340x270.{n}.jpg"),
    ),
    Shop(
        "hashed-css-modules",
        "<div class='Card_root__x{at}Q1z'><div class='Media_box__9kLm2'><a class='Link_a__77aZ' href='/en/p/{slug}'><img alt='' loading='lazy' "
        "decoding='async' src='/_next/image?url=%2Fm%2F{slug}.jpg&w=640&q=75' srcset='/_next/image?url=%2Fm%2F{slug}.jpg&w=320&q=75 320w, "
        "/_next/image?url=%2Fm%2F{slug}.jpg&w=640&q=75 640w'></a><span class='Flag_a__11'>New</span></div><div class='Txt_b__3'><span class='T_c'>"
        "ACME</span><a class='Link_a__77aZ' href='/en/p/{slug}'><span class='T_d'>{title}</span></a><div class='P_x'><span>{price}</span> "
        "<span>€</span></div></div></div>",
        lambda n, slug: (slug, f"/en/p/{slug}", f"/_next/image?url=%2Fm%2F{slug}.jpg&w=640&q=75"),
    ),
    Shop(
        "rows-of-a-table",
        "<tr><td class='thumb'><a href='product_info.php?products_id={n}'><img src='images/{slug}.jpg' width='120'></a></td><td><a href="
        "'product_info.php?products_id={n}'><b>{title}</b></a><br>Soft.</td><td>{price} EUR</td><td><a href='c.php?action=buy_now&"
        "products_id={n}'><img src='images/buttons/buy.gif' alt='Buy now'></a></td></tr>",
        lambda n, slug: (str(n), f"/product_info.php?products_id={n}", f"/images/{slug}.jpg"),
        around="<h1>Clothes</h1><table class='productListing'><tr><th></th><th>Name</th><th>Price</th></tr>{cards}</table>{pager}",
    ),
)  # fmt: skip
