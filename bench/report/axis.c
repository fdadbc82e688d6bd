/* axis.c - how far an axis reaches, and where its marks are.
 *
 * gnuplot could choose both, but marks a logarithmic axis at powers of ten only, of which a narrow
 * range may have none, and crowds a wide one. */
#include "bench/report/axis.h"

#include <math.h>

enum { MARKS = 6 };

/* The place of 0 on an axis of counts: below 1 by a share of the range, lest their marks meet. */
static double zero_place(const struct axis *axis)
{
    const double decades = axis->most > 1 ? log10(axis->most) : 0;
    return pow(10, decades < 2 ? -0.3 : -0.15 * decades);
}

bool axis_shows(const struct axis *axis, double value)
{
    return isfinite(value) && (!axis->is_log || axis->is_count || value > 0);
}

double axis_place(const struct axis *axis, double value)
{
    return axis->is_log && axis->is_count && value < 1 ? zero_place(axis) : value;
}

void axis_see(struct axis *axis, double value)
{
    if (!axis->has_any || value < axis->least)
        axis->least = value;
    if (!axis->has_any || value > axis->most)
        axis->most = value;
    axis->has_any = true;
}

static void put_mark(struct text *script, double value, bool is_first)
{
    const double size = fabs(value);
    text_puts(script, is_first ? "" : ", ");
    if (size >= 1e9)
        text_printf(script, "\"%.6gG\" %.12g", value / 1e9, value);
    else if (size >= 1e6)
        text_printf(script, "\"%.6gM\" %.12g", value / 1e6, value);
    else if (size >= 1e4)
        text_printf(script, "\"%.6gk\" %.12g", value / 1e3, value);
    else
        text_printf(script, "\"%.6g\" %.12g", value, value);
}

/* 1, 2 or 5 times a power of ten: the greatest not above value > 0. */
static double step_below(double value)
{
    const double power = pow(10, floor(log10(value) + 1e-9));
    const double leading = value / power;
    return (leading >= 5 - 1e-6 ? 5 : leading >= 2 - 1e-6 ? 2 : 1) * power;
}

static double step_after(double step)
{
    const double leading = step / pow(10, floor(log10(step) + 1e-9));
    return leading > 1.5 && leading < 3 ? step * 2.5 : step * 2;
}

static double step_above(double value)
{
    const double below = step_below(value);
    return below >= value * (1 - 1e-6) ? below : step_after(below);
}

/* From a step to a step; marks at steps if the range is short, else at every so many powers of
 * ten. */
static void put_log(struct text *script, const struct axis *axis, char name)
{
    const bool has_zero = axis->is_count;
    const double low = has_zero ? 1 : step_below(axis->has_any ? axis->least : 1);
    double high = step_above(axis->has_any && axis->most > low ? axis->most : low);
    high = high <= low ? step_after(low) : high;
    text_printf(script, "set logscale %c\nset %crange [%.12g:%.12g]\nset %ctics (", name, name,
                has_zero ? zero_place(axis) : low, high, name);
    if (has_zero)
        text_printf(script, "\"0\" %.12g, ", zero_place(axis));
    const double decades = log10(high / low);
    bool is_first = true;
    if (decades < 1.5) {
        for (double at = low; at <= high * 1.001; at = step_after(at), is_first = false)
            put_mark(script, at, is_first);
    } else {
        const double stride = pow(10, ceil(decades / MARKS - 0.01));
        double at = pow(10, ceil(log10(low) - 1e-9));
        for (; at <= high * 1.001; at *= stride, is_first = false)
            put_mark(script, at, is_first);
    }
    text_puts(script, ")\n");
}

static void put_linear(struct text *script, const struct axis *axis, char name)
{
    double low = axis->has_any ? axis->least : 0, high = axis->has_any ? axis->most : 1;
    if (axis->is_share)
        low = 0, high = 1;
    else if (low > 0 && (low < high * 0.25 || name == 'y'))
        low = axis->foot < high ? axis->foot : 0;
    if (high <= low)
        low -= low == 0 ? 0 : fabs(low) / 2,
            high = low == 0 && high == 0 ? 1 : high + fabs(high) / 2;
    const double margin = (high - low) * 0.04;
    const double step = step_above((high - low) / MARKS);
    /* A share may reach either end, and a mark there is cut in half without a margin. */
    text_printf(script, "set %crange [%.12g:%.12g]\nset %ctics (", name,
                low == axis->foot && !axis->is_share ? low : low - margin, high + margin, name);
    bool is_first = true;
    for (double at = ceil(low / step - 1e-6) * step; at <= high + step * 1e-3; at += step) {
        put_mark(script, fabs(at) < step / 1e6 ? 0 : at, is_first);
        is_first = false;
    }
    text_puts(script, ")\n");
}

void axis_put(struct text *script, const struct axis *axis, char name)
{
    if (axis->is_log)
        put_log(script, axis, name);
    else
        put_linear(script, axis, name);
    text_printf(script, "set %clabel \"%s\" textcolor rgb \"#010003\"\n", name, axis->label);
}
