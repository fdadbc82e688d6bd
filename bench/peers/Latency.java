// Latency.java - the workloads pause-live and splay of besom-bench in Java, as its users would write
// them.
//
// bench/worker.h says how a worker is spoken to; bench/live.h, bench/workload-pause-live.c and
// bench/workload-splay.c say what is done.  Started by bench/worker-java, which chooses the collector
// and has the JVM log its safepoints (-Xlog:safepoint) to the file that besom.log names: a stop is a
// safepoint that was for the collector, from the request to the release.

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class Latency {
    // ---- what both workloads share ----

    static void value(String metric, double number) {
        System.out.println("value " + metric + " " + number);
    }

    static void check(int sum) {
        System.out.println("check " + Integer.toUnsignedString(sum));
    }

    static int sumOf(int sum, int seen) {
        return sum * 31 + seen;
    }

    static final class Random {
        private int state = 1;

        int next() {
            int x = state;
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            return state = x;
        }

        int below(int bound) {
            return (int) ((next() & 0xffffffffL) * bound >>> 32);
        }
    }

    /** Log-linear, 1024 buckets to a doubling, as in bench/histogram.h. */
    static final class Histogram {
        private final long[] buckets = new long[32 << 10];
        long count, max;

        static int bucketOf(long ns) {
            if (ns < 1024)
                return (int) ns;
            int exponent = 53 - Long.numberOfLeadingZeros(ns);
            return Math.min((exponent << 10) + (int) (ns >> exponent), (32 << 10) - 1);
        }

        static long topOf(int bucket) {
            int exponent = bucket >> 10;
            if (exponent < 2)
                return bucket;
            exponent--;
            return ((long) (bucket - (exponent << 10) + 1) << exponent) - 1;
        }

        void add(long ns) {
            count++;
            max = Math.max(max, ns);
            buckets[bucketOf(ns)]++;
        }

        double percentile(double perMille) {
            double rank = count * perMille / 1000;
            long seen = 0;
            for (int i = 0; i < buckets.length; i++) {
                seen += buckets[i];
                if (seen != 0 && seen >= rank)
                    return Math.min(topOf(i), max);
            }
            return max;
        }

        long above(long ns) {
            long n = 0;
            for (int i = bucketOf(ns) + 1; i < buckets.length; i++)
                n += buckets[i];
            return n;
        }

        void printAbove(String curve) {
            double[] steps = {2, 2.5, 2};
            double ms = 0.001;
            for (int i = 0; ms < 1.1e4; ms *= steps[i++ % 3]) {
                long above = above((long) (ms * 1e6 + 0.5));
                System.out.println(String.format(Locale.ROOT, "point %s %.6g %d", curve, ms, above));
                if (above == 0)
                    break;
            }
        }
    }

    static void printOperations(Histogram h) {
        value("op_ms_max", h.max / 1e6);
        if (h.count >= 100)
            value("op_us_p99", h.percentile(990) / 1e3);
        if (h.count >= 10000)
            value("op_us_p999", h.percentile(999) / 1e3);
        h.printAbove("ops_above");
    }

    // ---- stops ----

    static final Pattern SAFEPOINT =
            Pattern.compile("Safepoint \"(?:G1|Z|X|Shenandoah|CollectFor)\\w*\".* Total: +(\\d+) ns");

    static long logged() throws IOException {
        return Files.size(Path.of(System.getProperty("besom.log")));
    }

    static void printStops(long from) throws IOException {
        Histogram h = new Histogram();
        byte[] bytes;
        try (RandomAccessFile log = new RandomAccessFile(System.getProperty("besom.log"), "r")) {
            bytes = new byte[(int) (log.length() - from)];
            log.seek(from);
            log.readFully(bytes);
        }
        Matcher stop = SAFEPOINT.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        while (stop.find())
            h.add(Long.parseLong(stop.group(1)));
        value("stops", h.count);
        value("stop_ms_max", h.max / 1e6);
        if (h.count != 0) {
            value("stop_ms_p50", h.percentile(500) / 1e6);
            value("stop_ms_p99", h.percentile(990) / 1e6);
        }
        h.printAbove("stops_above");
    }

    /** Cycles: the collectors that run beside the program have a bean for their stops as well. */
    static long collections() {
        long n = 0;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (!bean.getName().endsWith("Pauses"))
                n += bean.getCollectionCount();
        }
        return n;
    }

    static void printPeak() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:"))
                value("peak_rss_bytes", Double.parseDouble(line.replaceAll("\\D", "")) * 1024);
        }
    }

    // ---- pause-live ----

    static final int NEW_OBJECTS = 20, WINDOW = 1000, LENT = 512;

    static final class Item {
        Item first, second;
        final int number;

        Item(Item first, int number) {
            this.first = first;
            this.number = number;
        }
    }

    static final class Live {
        final Item[] all;
        final Item[] window = new Item[WINDOW];
        final int[] lent = new int[LENT];
        final Random random = new Random();
        int oldest;
        long operations;

        Live(int n) {
            all = new Item[n];
            for (int i = 0; i < n; i++)
                all[i] = new Item(null, i);
            for (Item item : all) {
                item.first = any();
                item.second = any();
            }
        }

        Item any() {
            return all[random.below(all.length)];
        }

        int sum() {
            int sum = 0;
            for (Item item : all)
                sum = sumOf(sum, item.first.number + 7 * item.second.number);
            return sum;
        }

        void operate() {
            for (int i = 0; i < NEW_OBJECTS; i++) {
                Item first = (oldest & 1) != 0 ? window[oldest - 1] : null;
                window[oldest] = new Item(first, (int) operations);
                if (++oldest == WINDOW)
                    oldest = 0;
            }
            int turn = (int) (operations / 2 % LENT);
            if (operations % 2 == 0) {
                lent[turn] = random.below(all.length);
                all[lent[turn]].first = window[oldest == 0 ? WINDOW - 1 : oldest - 1];
            } else {
                all[lent[(turn + 1) % LENT]].first = any();
            }
            operations++;
        }
    }

    static void watchIdle(double seconds) throws InterruptedException {
        Histogram h = new Histogram();
        long until = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < until) {
            long before = System.nanoTime();
            Thread.sleep(1);
            h.add(Math.max(0, System.nanoTime() - before - 1000000));
        }
        value("idle_hiccup_ms_max", h.max / 1e6);
        value("idle_hiccup_ms_p99", h.percentile(990) / 1e6);
    }

    static void measureLive(Live live, Histogram h, double seconds) {
        long began = System.nanoTime(), before = began, until = began + (long) (seconds * 1e9);
        while (before < until) {
            live.operate();
            long now = System.nanoTime();
            h.add(now - before);
            before = now;
        }
        value("ns_per_object", (double) (before - began) / live.operations / NEW_OBJECTS);
    }

    static void pauseLive(String[] words) throws Exception {
        double seconds = param(words, "seconds");
        Live live = new Live((int) (param(words, "live_bytes") / 32));
        check(live.sum());
        for (int i = 0; i < 2 * LENT; i++)
            live.operate();
        System.gc();
        watchIdle(Math.min(seconds / 10, 2));
        Histogram h = new Histogram();
        long from = logged(), cycles = collections();
        live.operations = 0;
        measureLive(live, h, seconds);
        printStops(from);
        printOperations(h);
        value("collections", collections() - cycles);
        printPeak();
    }

    // ---- splay ----

    static final int NODES = 8000, LOAD_DEPTH = 5;

    static final class Branch {
        Object left, right;
    }

    static final class Leaf {
        final long[] number = new long[10];
        final byte[] text = new byte[24];

        Leaf(int key) {
            for (int i = 0; i < number.length; i++)
                number[i] = i;
            for (int i = 0; i < text.length; i++)
                text[i] = (byte) ('a' + (key >>> i & 15));
        }
    }

    static final class Node {
        final long key;
        Node left, right;
        Object load;

        Node(long key) {
            this.key = key;
        }
    }

    static Object newLoad(int depth, int key) {
        if (depth == 0)
            return new Leaf(key);
        Branch branch = new Branch();
        branch.left = newLoad(depth - 1, key);
        branch.right = newLoad(depth - 1, key);
        return branch;
    }

    static Node rotateRight(Node node) {
        Node child = node.left;
        node.left = child.right;
        child.right = node;
        return child;
    }

    static Node rotateLeft(Node node) {
        Node child = node.right;
        node.right = child.left;
        child.left = node;
        return child;
    }

    static Node splay(Node root, long key) {
        Node less = null, lastLess = null, greater = null, lastGreater = null;
        while (root.key != key) {
            if (key < root.key) {
                if (root.left != null && key < root.left.key)
                    root = rotateRight(root);
                if (root.left == null)
                    break;
                if (lastGreater != null)
                    lastGreater.left = root;
                else
                    greater = root;
                lastGreater = root;
                root = root.left;
            } else {
                if (root.right != null && key > root.right.key)
                    root = rotateLeft(root);
                if (root.right == null)
                    break;
                if (lastLess != null)
                    lastLess.right = root;
                else
                    less = root;
                lastLess = root;
                root = root.right;
            }
        }
        if (lastLess != null) {
            lastLess.right = root.left;
            root.left = less;
        }
        if (lastGreater != null) {
            lastGreater.left = root.right;
            root.right = greater;
        }
        return root;
    }

    static Node insert(Node root, int random) {
        Node node = new Node(random & 0xffffffffL);
        node.load = newLoad(LOAD_DEPTH, random);
        if (root == null)
            return node;
        root = splay(root, node.key);
        if (node.key < root.key) {
            node.left = root.left;
            node.right = root;
            root.left = null;
        } else {
            node.right = root.right;
            node.left = root;
            root.right = null;
        }
        return node;
    }

    static Node removeRoot(Node root) {
        if (root.left == null)
            return root.right;
        Node left = splay(root.left, Long.MAX_VALUE);
        left.right = root.right;
        return left;
    }

    static Node removeBelow(Node root) {
        Node below = root.left;
        if (below == null)
            return removeRoot(root);
        while (below.right != null)
            below = below.right;
        return removeRoot(splay(root, below.key));
    }

    static int loadSum(Object load) {
        for (int depth = LOAD_DEPTH; depth != 0; depth--)
            load = depth % 2 != 0 ? ((Branch) load).left : ((Branch) load).right;
        Leaf leaf = (Leaf) load;
        return (int) leaf.number[9] + leaf.text[0];
    }

    static void checkTree(Node root) {
        int sum = 0, n = 0;
        for (; root != null; root = root.right) {
            while (root.left != null)
                root = rotateRight(root);
            sum = sumOf(sum, (int) root.key + loadSum(root.load));
            n++;
        }
        if (n != NODES)
            throw new IllegalStateException("the tree has not kept its size");
        check(sum);
    }

    static void splay(String[] words) throws Exception {
        int operations = (int) param(words, "operations"), changes = (int) param(words, "changes");
        Random random = new Random();
        Node root = null;
        for (int i = 0; i < NODES; i++)
            root = insert(root, random.next());
        Histogram h = new Histogram();
        long from = logged(), cycles = collections();
        long began = System.nanoTime(), before = began;
        for (int i = 0; i < operations; i++) {
            for (int j = 0; j < changes; j++)
                root = removeBelow(insert(root, random.next()));
            long now = System.nanoTime();
            h.add(now - before);
            before = now;
        }
        value("wall_ms", (before - began) / 1e6);
        printOperations(h);
        printStops(from);
        value("collections", collections() - cycles);
        printPeak();
        checkTree(root);
    }

    // ---- one run ----

    static double param(String[] words, String name) {
        for (String word : words) {
            if (word.startsWith(name + "="))
                return Double.parseDouble(word.substring(name.length() + 1));
        }
        throw new IllegalArgumentException("parameter " + name + " is missing");
    }

    public static void main(String[] words) {
        String name = words.length == 0 ? "" : words[0];
        try {
            if (name.equals("about"))
                System.out.println("java " + System.getProperty("java.version"));
            else if (name.equals("pause-live"))
                pauseLive(words);
            else if (name.equals("splay"))
                splay(words);
            else
                throw new IllegalArgumentException("this worker has no such workload");
        } catch (OutOfMemoryError error) {
            System.out.println("failed out of memory");
            System.exit(1);
        } catch (Exception error) {
            System.out.println("failed " + error.getMessage());
            System.exit(1);
        }
    }
}
