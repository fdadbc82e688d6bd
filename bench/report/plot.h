/* plot.h - a figure of the page: a plot, its legend, and its data as a table. */
#ifndef BENCH_REPORT_PLOT_H
#define BENCH_REPORT_PLOT_H

#include "bench/report/axis.h"
#include "bench/report/model.h"
#include "bench/report/style.h"

/* How points are joined. */
enum join {
    JOIN_LINES,
    JOIN_STEPS, /* each reaches from its x to that of the next */
    JOIN_AREA   /* filled, on top of the area before */
};

struct series {
    char *label;
    struct style style;
    unsigned kind; /* of an area: its color */
    enum join join;
    struct point *points;
    double *low, *high; /* the spread of each point; NULL: it has none */
    size_t n;
};

struct plot {
    char *title, *caption; /* the caption may be NULL */
    struct axis x, y;      /* labels, and which kinds they are */
    struct series *series;
    size_t n;
};

/* Appends a series without points, which is the plot's; its points are then added in order of x. */
struct series *plot_add(struct plot *plot, const char *label, enum join join);
void series_add(struct series *series, double x, double y);
void series_add_spread(struct series *series, double x, const struct summary *summary);

/* Where figures go: the page's text, and what all of them share. */
struct figures {
    struct text page;
    struct text markers; /* definitions to which all figures refer */
    unsigned n;
};

/* Begins without figures, but with the markers, which a first run of gnuplot draws; false if that
 * fails. */
bool figures_init(struct figures *figures);
void figures_fini(struct figures *figures);

/* Adds the marker of a style as part of an SVG. */
void plot_put_marker(struct text *page, const struct style *style, double x, double y, double size);

/* Draws the plot and adds it as a figure.  A plot of which nothing can be shown is left out.  False
 * if gnuplot fails, which it then has said. */
bool plot_put(struct figures *figures, struct plot *plot);
void plot_free(struct plot *plot);

#endif
