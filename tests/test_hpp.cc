// test_hpp.cc - a host on besom/besom.hpp, in the modes given on the command line.
// Built and run by check_cxx.sh.
#include <besom/besom.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

void require(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "test_hpp: %s\n", what);
    std::exit(1);
}

struct node : besom::object {
    besom::ref<node> next;
    besom::refs<node, 3> others;
    std::size_t id;
    node(besom::birth b, std::size_t number) noexcept
        : object(b), next(b), others(b), id(number)
    {
    }
    static auto references() { return besom::references(&node::next, &node::others); }
};

struct text : besom::object { // no references, and a destructor
    std::string letters;
    static inline std::atomic<int> alive{0};
    text(besom::birth b, std::string s) noexcept : object(b), letters(std::move(s)) { ++alive; }
    ~text() { --alive; }
};

struct forgetful : besom::object { // a reference that its map does not name
    besom::ref<node> named, forgotten;
    explicit forgetful(besom::birth b) noexcept : object(b), named(b), forgotten(b) {}
    static auto references() { return besom::references(&forgetful::named); }
};

std::size_t live(besom::mutator &m)
{
    m.collect();
    std::size_t n = 0;
    auto count = [](void *data, void *, const besom_type *, std::size_t) {
        ++*static_cast<std::size_t *>(data);
        return true;
    };
    besom::check(besom_each(m, nullptr, count, &n));
    return n;
}

// Old objects get references to newer ones all the time, and nothing but assignments says so.
void assignment_is_the_barrier(const char *options)
{
    besom::heap heap(options);
    besom::mutator m(heap);
    constexpr std::size_t N = 500;
    besom::local<besom::array<node>> all(m, besom::array<node>::make(m, N));
    for (std::size_t i = 0; i < N; i++)
        all->set(m, i, besom::make<node>(m, i));
    m.collect();
    for (std::size_t round = 0; round < 30 * N; round++) {
        node *old = all[0][round * 7 % N];
        node *fresh = besom::make<node>(m, old->id);
        old->others[round % 3] = fresh;
        fresh->next = old->next;
        old->next = fresh;
        if (round % 50 == 0)
            old->next = nullptr;
        m.poll();
    }
    for (std::size_t i = 0; i < N; i++) {
        std::size_t length = 0;
        for (node *n = all[0][i]; n; n = n->next, length++)
            require(besom_owns(heap.get(), n) && n->id == i, "an object of a list is gone");
        require(length >= 1 && all[0][i]->type_of_object() == besom::type<node>(), "a list is gone");
    }
    all = nullptr;
    require(live(m) == 0, "objects outlived their root");
}

int deep(besom::mutator &m, int depth)
{
    besom::local<node> mine(m, besom::make<node>(m, static_cast<std::size_t>(depth)));
    if (depth == 0) {
        require(live(m) == 21, "locals do not hold");
        throw std::runtime_error("from below");
    }
    int below = deep(m, depth - 1);
    return below + static_cast<int>(mine->id);
}

void exceptions_end_locals(const char *options)
{
    besom::heap heap(options);
    besom::mutator m(heap);
    bool caught = false;
    try {
        deep(m, 20);
    } catch (const std::runtime_error &) {
        caught = true;
    }
    require(caught && live(m) == 0, "a local outlived an exception");
}

void destructors_run_when_objects_die(const char *options)
{
    {
        besom::heap heap(options);
        besom::mutator m(heap);
        besom::local<text> kept(m);
        for (int i = 0; i < 100; i++)
            kept = besom::make<text>(m, std::string(100, 'x'));
        m.collect();
        require(text::alive == 1 && kept->letters.size() == 100, "the wrong ones were destroyed");
    }
    require(text::alive == 0, "a destructor was not run");
}

void handles_move(const char *options)
{
    besom::heap heap(options);
    besom::mutator m(heap);
    std::vector<besom::handle<node>> handles;
    for (std::size_t i = 0; i < 100; i++)
        handles.emplace_back(m, besom::make<node>(m, i));
    handles.erase(handles.begin(), handles.begin() + 50);
    require(live(m) == 50 && handles[0]->id == 50, "handles do not hold");
    besom::handle<node> last = std::move(handles.back());
    handles.clear();
    require(live(m) == 1 && last->id == 99, "a moved handle does not hold");
    last.reset();
    require(live(m) == 0, "a handle outlived its end");
}

void forgotten_references_are_found()
{
    besom::heap heap;
    besom::mutator m(heap);
    std::string what;
    try {
        besom::make<forgetful>(m);
    } catch (const besom::error &e) {
        require(e.status() == BESOM_E_TYPE, "another status");
        what = e.what();
    }
    require(what.find("is not in references()") != std::string::npos, "nothing was found");
}

void bad_input_is_an_exception()
{
    try {
        besom::heap heap("mode=sideways");
        require(false, "a mode of its own");
    } catch (const besom::error &e) {
        require(e.status() == BESOM_E_OPTION && std::string(e.what()).find("mode") != std::string::npos,
                "the option is not named");
    }
    besom::heap heap("heap_max=8m,heap_min=1m");
    besom::mutator m(heap);
    bool is_full = false;
    try {
        besom::local<node> list(m);
        for (std::size_t i = 0;; i++) {
            node *n = besom::make<node>(m, i);
            n->next = list;
            list = n;
        }
    } catch (const std::bad_alloc &) {
        is_full = true;
    }
    require(is_full && live(m) == 0, "no exception at the limit, or a local that it left");
}

void threads_have_their_own(const char *options)
{
    besom::heap heap(options);
    auto work = [&heap] {
        besom::mutator m(heap);
        besom::local<node> list(m);
        for (std::size_t i = 0; i < 3000; i++) {
            node *n = besom::make<node>(m, i);
            n->next = i % 100 ? list.get() : nullptr;
            list = n;
            m.poll();
        }
        std::size_t n = 0;
        for (node *at = list; at; at = at->next)
            n++;
        require(n == 100, "a thread's list is incomplete");
    };
    std::thread one(work), two(work);
    one.join();
    two.join();
}

} // namespace

int main(int argc, char **argv)
{
    forgotten_references_are_found();
    bad_input_is_an_exception();
    for (int i = 1; i < argc; i++) {
        assignment_is_the_barrier(argv[i]);
        exceptions_end_locals(argv[i]);
        destructors_run_when_objects_die(argv[i]);
        handles_move(argv[i]);
        threads_have_their_own(argv[i]);
    }
    return 0;
}
