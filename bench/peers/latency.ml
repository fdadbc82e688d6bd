(* latency.ml - the workloads pause-live and splay of besom-bench in OCaml, as its users would write
   them.

   bench/worker.h says how a worker is spoken to; bench/live.h, bench/workload-pause-live.c and
   bench/workload-splay.c say what is done.  OCaml 4 tells nothing of its stops: what its collector does
   in an allocation is in the time of the operations alone. *)

let mask = 0xffffffff

(* ---- what both workloads share ---- *)

external now_ns : unit -> (int[@untagged]) = "besom_peer_clock_boxed" "besom_peer_clock_ns"
  [@@noalloc]

let value metric number = Printf.printf "value %s %.17g\n" metric number
let check sum = Printf.printf "check %d\n" sum

let fail why =
  Printf.printf "failed %s\n" why;
  exit 1

let sum_of sum seen = ((sum * 31) + seen) land mask

(* Uniform in [0, 2^32). *)
let random_new () =
  let x = ref 1 in
  fun () ->
    x := (!x lxor (!x lsl 13)) land mask;
    x := !x lxor (!x lsr 17);
    x := (!x lxor (!x lsl 5)) land mask;
    !x

let below random bound = (random () * bound) lsr 32

(* Log-linear, 1024 buckets to a doubling, as in bench/histogram.h. *)
module Histogram = struct
  type t = { buckets : int array; mutable count : int; mutable max : int }

  let n_buckets = 32 lsl 10
  let create () = { buckets = Array.make n_buckets 0; count = 0; max = 0 }
  let rec exponent ns e = if ns lsr e < 2048 then e else exponent ns (e + 1)

  let bucket_of ns =
    if ns < 1024 then ns
    else
      let e = exponent ns 0 in
      min ((e lsl 10) + (ns lsr e)) (n_buckets - 1)

  let top_of bucket =
    let e = bucket lsr 10 in
    if e < 2 then bucket else ((bucket - ((e - 1) lsl 10) + 1) lsl (e - 1)) - 1

  let add h ns =
    h.count <- h.count + 1;
    if ns > h.max then h.max <- ns;
    let bucket = bucket_of ns in
    h.buckets.(bucket) <- h.buckets.(bucket) + 1

  let percentile h per_mille =
    let rank = float_of_int h.count *. per_mille /. 1000. in
    let rec find i seen =
      if i = n_buckets then h.max
      else
        let seen = seen + h.buckets.(i) in
        if seen <> 0 && float_of_int seen >= rank then min (top_of i) h.max else find (i + 1) seen
    in
    float_of_int (find 0 0)

  let above h ns =
    let n = ref 0 in
    for i = bucket_of ns + 1 to n_buckets - 1 do
      n := !n + h.buckets.(i)
    done;
    !n
end

let print_operations h =
  let open Histogram in
  value "op_ms_max" (float_of_int h.max /. 1e6);
  if h.count >= 100 then value "op_us_p99" (percentile h 990. /. 1e3);
  if h.count >= 10000 then value "op_us_p999" (percentile h 999. /. 1e3);
  let steps = [| 2.; 2.5; 2. |] in
  let rec print ms i =
    let n = above h (int_of_float ((ms *. 1e6) +. 0.5)) in
    Printf.printf "point ops_above %.12g %d\n" ms n;
    if n <> 0 && ms < 5e3 then print (ms *. steps.(i mod 3)) (i + 1)
  in
  print 0.001 0

let collections () = (Gc.quick_stat ()).Gc.major_collections

let print_peak () =
  let status = open_in "/proc/self/status" in
  let rec look () =
    let line = input_line status in
    match Scanf.sscanf line "VmHWM: %d kB" (fun kib -> kib) with
    | kib -> value "peak_rss_bytes" (float_of_int kib *. 1024.)
    | exception Scanf.Scan_failure _ -> look ()
  in
  look ();
  close_in status

(* ---- pause-live ---- *)

let new_objects = 20
let window_length = 1000
let lent_length = 512

type item = { mutable first : item option; mutable second : item option; number : int }

type live = {
  all : item array;
  window : item option array;
  lent : int array;
  random : unit -> int;
  mutable oldest : int;
  mutable operations : int;
}

let any live = Some live.all.(below live.random (Array.length live.all))

let live_new n =
  let live =
    {
      all = Array.init n (fun number -> { first = None; second = None; number });
      window = Array.make window_length None;
      lent = Array.make lent_length 0;
      random = random_new ();
      oldest = 0;
      operations = 0;
    }
  in
  Array.iter
    (fun item ->
      item.first <- any live;
      item.second <- any live)
    live.all;
  live

let number_of = function Some item -> item.number | None -> fail "an object refers to nothing"

let live_sum live =
  Array.fold_left
    (fun sum item -> sum_of sum (number_of item.first + (7 * number_of item.second)))
    0 live.all

let operate live =
  for _ = 1 to new_objects do
    let at = live.oldest in
    let first = if at land 1 <> 0 then live.window.(at - 1) else None in
    live.window.(at) <- Some { first; second = None; number = live.operations };
    live.oldest <- (if at + 1 = window_length then 0 else at + 1)
  done;
  let turn = live.operations / 2 mod lent_length in
  if live.operations land 1 = 0 then begin
    let lent = below live.random (Array.length live.all) in
    live.lent.(turn) <- lent;
    live.all.(lent).first <- live.window.((live.oldest + window_length - 1) mod window_length)
  end
  else live.all.(live.lent.((turn + 1) mod lent_length)).first <- any live;
  live.operations <- live.operations + 1

let watch_idle seconds =
  let h = Histogram.create () in
  let until = now_ns () + int_of_float (seconds *. 1e9) in
  while now_ns () < until do
    let before = now_ns () in
    Unix.sleepf 0.001;
    Histogram.add h (max 0 (now_ns () - before - 1000000))
  done;
  value "idle_hiccup_ms_max" (float_of_int h.Histogram.max /. 1e6);
  value "idle_hiccup_ms_p99" (Histogram.percentile h 990. /. 1e6)

let pause_live param =
  let seconds = param "seconds" in
  let live = live_new (int_of_float (param "live_bytes") / 32) in
  check (live_sum live);
  for _ = 1 to 2 * lent_length do
    operate live
  done;
  Gc.full_major ();
  watch_idle (Float.min (seconds /. 10.) 2.);
  let h = Histogram.create () in
  let cycles = collections () in
  live.operations <- 0;
  let began = now_ns () in
  let until = began + int_of_float (seconds *. 1e9) in
  let before = ref began in
  while !before < until do
    operate live;
    let now = now_ns () in
    Histogram.add h (now - !before);
    before := now
  done;
  print_operations h;
  value "ns_per_object"
    (float_of_int (!before - began) /. float_of_int live.operations /. float_of_int new_objects);
  value "collections" (float_of_int (collections () - cycles));
  print_peak ()

(* ---- splay ---- *)

let n_nodes = 8000
let load_depth = 5

type load = Branch of load * load | Leaf of int array * Bytes.t

type tree = Empty | Node of node
and node = { key : int; mutable left : tree; mutable right : tree; load : load }

let rec load_new depth key =
  if depth = 0 then
    Leaf (Array.init 10 (fun i -> i), Bytes.init 24 (fun i -> Char.chr (97 + ((key lsr i) land 15))))
  else
    let left = load_new (depth - 1) key in
    let right = load_new (depth - 1) key in
    Branch (left, right)

let node_of = function Node node -> node | Empty -> fail "the tree is broken"

let rotate_right node =
  let child = node_of node.left in
  node.left <- child.right;
  child.right <- Node node;
  child

let rotate_left node =
  let child = node_of node.right in
  node.right <- child.left;
  child.left <- Node node;
  child

let is_less key = function Node node -> key < node.key | Empty -> false
let is_greater key = function Node node -> key > node.key | Empty -> false

(* The tree with the node of that key, or the last one looked at for it, as its root. *)
let splay root key =
  let less = ref Empty and last_less = ref Empty in
  let greater = ref Empty and last_greater = ref Empty in
  let cut_greater node =
    (match !last_greater with Node last -> last.left <- Node node | Empty -> greater := Node node);
    last_greater := Node node
  and cut_less node =
    (match !last_less with Node last -> last.right <- Node node | Empty -> less := Node node);
    last_less := Node node
  in
  let rec down root =
    if key < root.key then begin
      let root = if is_less key root.left then rotate_right root else root in
      match root.left with
      | Empty -> root
      | Node left ->
          cut_greater root;
          down left
    end
    else if key > root.key then begin
      let root = if is_greater key root.right then rotate_left root else root in
      match root.right with
      | Empty -> root
      | Node right ->
          cut_less root;
          down right
    end
    else root
  in
  let root = down root in
  (match !last_less with
  | Node last ->
      last.right <- root.left;
      root.left <- !less
  | Empty -> ());
  (match !last_greater with
  | Node last ->
      last.left <- root.right;
      root.right <- !greater
  | Empty -> ());
  root

let insert tree key =
  let node = { key; left = Empty; right = Empty; load = load_new load_depth key } in
  (match tree with
  | Empty -> ()
  | Node root ->
      let root = splay root key in
      if key < root.key then begin
        node.left <- root.left;
        node.right <- Node root;
        root.left <- Empty
      end
      else begin
        node.right <- root.right;
        node.left <- Node root;
        root.right <- Empty
      end);
  node

let remove_root root =
  match root.left with
  | Empty -> root.right
  | Node left ->
      let left = splay left max_int in
      left.right <- root.right;
      Node left

let rec greatest node = match node.right with Node right -> greatest right | Empty -> node

let remove_below root =
  match root.left with
  | Empty -> remove_root root
  | Node below -> remove_root (splay root (greatest below).key)

let rec load_sum load depth =
  match load with
  | Branch (left, right) -> load_sum (if depth land 1 <> 0 then left else right) (depth - 1)
  | Leaf (numbers, text) -> numbers.(9) + Char.code (Bytes.get text 0)

let check_tree tree =
  let rec leftmost node = 
    match node.left with Empty -> node | Node _ -> leftmost (rotate_right node) in
  let rec walk tree sum n =
    match tree with
    | Empty -> (sum, n)
    | Node node ->
        let node = leftmost node in
        walk node.right (sum_of sum (node.key + load_sum node.load load_depth)) (n + 1)
  in
  let sum, n = walk tree 0 0 in
  if n <> n_nodes then fail "the tree has not kept its size";
  check sum

let run_splay param =
  let operations = int_of_float (param "operations") in
  let changes = int_of_float (param "changes") in
  let random = random_new () in
  let tree = ref Empty in
  for _ = 1 to n_nodes do
    tree := Node (insert !tree (random ()))
  done;
  let h = Histogram.create () in
  let cycles = collections () in
  let began = now_ns () in
  let before = ref began in
  for _ = 1 to operations do
    for _ = 1 to changes do
      tree := remove_below (insert !tree (random ()))
    done;
    let now = now_ns () in
    Histogram.add h (now - !before);
    before := now
  done;
  value "wall_ms" (float_of_int (!before - began) /. 1e6);
  print_operations h;
  value "collections" (float_of_int (collections () - cycles));
  print_peak ();
  check_tree !tree

(* ---- one run ---- *)

let workloads = [ ("pause-live", pause_live); ("splay", run_splay) ]

(* The number in the argument NAME=NUMBER. *)
let param name =
  let prefix = name ^ "=" in
  let length = String.length prefix in
  let is_meant word =
    String.length word > length && String.equal (String.sub word 0 length) prefix
  in
  match List.find_opt is_meant (Array.to_list Sys.argv) with
  | Some word -> float_of_string (String.sub word length (String.length word - length))
  | None -> fail (Printf.sprintf "parameter %s is missing" name)

let () =
  match Array.to_list Sys.argv with
  | _ :: name :: _ when List.mem_assoc name workloads -> (List.assoc name workloads) param
  | _ -> fail "this worker has no such workload"
