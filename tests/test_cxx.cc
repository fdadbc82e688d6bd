// test_cxx.cc - a C++ host: frames end when an exception passes, and the headers are C++17.
// Built and run by check_cxx.sh.
#include <besom/besom.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace {

struct Node {
    const besom_type *type;
    Node *next;
    std::uint64_t id;
};

const besom_field node_fields[] = {{"next", offsetof(Node, next)}};

besom_type make_node_type()
{
    besom_type type{};
    type.name = "node";
    type.size_bytes = sizeof(Node);
    type.fields = node_fields;
    type.n_fields = 1;
    return type;
}

const besom_type node_type = make_node_type();

void require(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "test_cxx: %s\n", what);
    std::exit(1);
}

class Heap {
public:
    Heap()
    {
        besom_config config;
        besom_config_init(&config);
        besom_report report;
        require(besom_heap_new(&config, &heap_, &report) == BESOM_OK, "no heap");
        m = besom_attach(heap_);
        require(m != nullptr, "no mutator");
    }
    ~Heap()
    {
        require(besom_verify(m, nullptr) == BESOM_OK, "the heap is inconsistent");
        require(besom_detach(m) == BESOM_OK, "not detached");
        require(besom_heap_free(heap_) == BESOM_OK, "not freed");
    }
    Heap(const Heap &) = delete;
    Heap &operator=(const Heap &) = delete;

    std::size_t live() const
    {
        std::size_t n = 0;
        require(besom_collect(m, BESOM_FULL) == BESOM_OK, "no collection");
        auto count = [](void *data, void *, const besom_type *, std::size_t) {
            ++*static_cast<std::size_t *>(data);
            return true;
        };
        require(besom_each(m, nullptr, count, &n) == BESOM_OK, "no walk");
        return n;
    }

    besom_mutator *m;

private:
    besom_heap *heap_ = nullptr;
};

Node *new_node(besom_mutator *m, std::uint64_t id)
{
    auto *node = static_cast<Node *>(besom_new(m, &node_type));
    require(node != nullptr, "no memory");
    node->id = id;
    return node;
}

void descend(Heap &heap, int depth)
{
    BESOM_LOCALS(heap.m, Node *node;);
    my->node = new_node(heap.m, static_cast<std::uint64_t>(depth));
    if (depth == 0) {
        require(heap.live() == 11, "nested frames do not hold");
        throw std::runtime_error("from below");
    }
    descend(heap, depth - 1);
}

void exceptions_pop_frames()
{
    Heap heap;
    for (int i = 0; i < 100; i++) {
        besom_frame *before = besom_frames_save(heap.m);
        bool caught = false;
        try {
            descend(heap, 10);
        } catch (const std::runtime_error &) {
            caught = true;
        }
        require(caught, "no exception");
        require(besom_frames_save(heap.m) == before, "a frame is left");
    }
    require(heap.live() == 0, "an object outlived its frame");
}

void frames_end_with_their_scope()
{
    Heap heap;
    {
        BESOM_LOCALS(heap.m, Node *list;);
        for (std::uint64_t i = 0; i < 1000; i++) {
            Node *node = new_node(heap.m, i);
            besom_set(heap.m, node, &node->next, my->list);
            my->list = node;
        }
        require(heap.live() == 1000, "a list is incomplete");
        for (int i = 0; i < 500; i++)
            my->list = my->list->next;
        require(heap.live() == 500, "half a list is incomplete");
    }
    require(heap.live() == 0, "a list outlived its frame");
}

void a_vector_of_references_is_a_source()
{
    Heap heap;
    std::vector<Node *> nodes;
    auto visit = [](besom_tracer *tracer, void *data) {
        for (Node *node : *static_cast<std::vector<Node *> *>(data))
            besom_visit(tracer, node);
    };
    besom_root *root = nullptr;
    require(besom_root_source(besom_heap_of(heap.m), visit, &nodes, "nodes", &root) == BESOM_OK,
            "no source");
    for (std::uint64_t i = 0; i < 100; i++)
        nodes.push_back(new_node(heap.m, i));
    require(heap.live() == 100, "a vector is incomplete");
    nodes.resize(10);
    require(heap.live() == 10, "a vector holds too much");
    require(besom_root_free(root) == BESOM_OK, "not freed");
    require(heap.live() == 0, "a vector outlived its source");
}

} // namespace

int main()
{
    exceptions_pop_frames();
    frames_end_with_their_scope();
    a_vector_of_references_is_a_source();
    return 0;
}
