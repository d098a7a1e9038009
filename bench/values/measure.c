/* usage: PROGRAM FILE. Prints: MB/s reading, MB/s writing (0: cannot), bytes of heap that the
 * document takes for each byte of text, MB/s of the first reading. The first two are the best of
 * many rounds within a second each.
 *
 * malloc keeps what is freed. Left to itself it gives memory back by thresholds that move with the
 * sizes asked for, so that some libraries would find the memory of the round before and others get
 * fresh pages, whose clearing takes longer than reading. The first reading has fresh pages only. */
#include "values.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static char *load(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        return NULL;
    }
    *ret_len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*ret_len + 64); /* simdjson wants room behind the end */
    if (text && fread(text, 1, *ret_len, file) != *ret_len) {
        free(text);
        text = NULL;
    }
    if (text) {
        text[*ret_len] = '\0';
    }
    fclose(file);
    return text;
}

static double read_best(const char *text, size_t len)
{
    double best = 1e9;
    for (double end = now() + 1; now() < end;) {
        double start = now();
        void *document = bench_read(text, len);
        double took = now() - start;
        best = took < best ? took : best;
        bench_free(document);
    }
    return (double)len / best / 1e6;
}

static double write_best(void *document)
{
    double best = 1e9;
    size_t len = 0;
    for (double end = now() + 1; now() < end;) {
        double start = now();
        len = bench_write(document);
        double took = now() - start;
        best = took < best ? took : best;
    }
    return (double)len / best / 1e6;
}

int main(int argc, char **argv)
{
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    size_t len = 0;
    char *text = argc > 1 ? load(argv[1], &len) : NULL;
    if (!text) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    size_t before = heap();
    double start = now();
    void *document = bench_read(text, len);
    double first = (double)len / (now() - start) / 1e6;
    if (!document) {
        fprintf(stderr, "%s: cannot read %s\n", argv[0], argv[1]);
        return 1;
    }
    double memory = (double)(heap() - before) / (double)len;
    double reading = read_best(text, len);
    printf("%.1f %.1f %.2f %.1f\n", reading, write_best(document), memory, first);
    bench_free(document);
    free(text);
    return 0;
}
