/* ------------------------------------------------------------------------
 * Ephemerons that are looked at while mutators run, as a finite model.
 *
 * A table is an object like any other: it has a colour and a stamp, its
 * mutators call the barrier after they have changed it, and a marker does not
 * scan it while it bears the epoch's stamp.  What differs is the scan.  An
 * entry whose key is marked has its value visited.  An entry whose key is
 * white is pending: under the lock of the key's shard the value is entered,
 * and then KEYED is set on the key.  Whoever marks a KEYED key clears the bit
 * in the same locked operation, takes the lock, and visits what was entered.
 * There is no search for a fixpoint, neither in the rounds nor in the stop.
 *
 * The rounds, the handshakes, the log, the carry and the store buffer are
 * those of barrier.pml, with fewer variants; so are its reductions.
 *
 *   byte of an object   colour, KEYED, stamp: every update is one locked
 *                       operation on all three
 *   objects             1 is a permanent root, 2 is the table, both may be
 *                       born late or early; all but 2 have one strong field
 *   put                 a mutator sets the key and the value of an entry, both
 *                       buffered, visible in any order, then the barrier; the
 *                       host keeps two mutators from using the table at once
 *   look                a mutator loads a key (it iterates), or the value of
 *                       a key that it holds: weak reads in MARK are free
 *   markers             MARKERS of them share a work list; mutators mark
 *                       their own roots, and resolve what these are keys of
 *
 * Asserted
 *   SAFE    at the stop, everything reachable is marked, the value of an
 *           entry being reachable if its table and its key are
 *   I1      at the stop, no marked object refers to a white one, and no
 *           marked table has a marked key with a white value
 *   LEAK    at the stop, what was unreachable when the epoch first flipped,
 *           and was not looked up since, is white (an entry that is removed
 *           while its key waits may keep its value for this cycle)
 *   WAITS   at the stop, a marked table that has a white key is in the list
 *           of those to be cleared
 *   KEYED   at the stop, no marked object is KEYED: all were announced
 *   ARMED   at the stop, the next store to a marked object will be logged
 *   I3      at the end of every round, a marked object stamped with the
 *           epoch is in a log or deferred
 *
 * Sizes     N objects, E entries, M mutators, R rounds before the stop, OPS
 *           puts and stores by all mutators together
 * Starts    SEED   all objects exist, with any of some shapes, and any stamps
 *           MINOR  (SEED) 1 and 2 are old; 2 is in a log, or armed with
 *                  nothing in it
 *           BORN   objects are born when a mutator has answered
 *           PUTS   mutators store to the table only
 *           LATE   no barrier before a mutator's first answer
 * Mutants   every MUT_ below.  -DTALK says what happens.
 * ------------------------------------------------------------------------ */

#ifndef N
#define N 4
#endif
#ifndef E
#define E 1
#endif
#ifndef M
#define M 2
#endif
#ifndef R
#define R 1
#endif
#ifndef OPS
#define OPS 1
#endif
#ifndef MARKERS
#define MARKERS 1
#endif

#ifdef TALK
#define SAY(...) ; printf(__VA_ARGS__)
#else
#define SAY(...)
#endif

#if M == 1
#define EVERY(p) (p(0))
#define UNION(s) (s[0])
#define ALONE(i) true
#else
#define EVERY(p) (p(0) && p(1))
#define UNION(s) (s[0] | s[1])
#ifdef RACY
#define ALONE(i) true
#else
#define ALONE(i) (!USES_TABLE(1 - (i)))
#endif
#endif

/* ---- memory; sets of objects are bit sets ---- */
#define S       1
#define T       2
#define BIT(o)  (1 << ((o) - 1))
#define ALL     ((1 << (N)) - 1)
#define PLAIN   (ALL & ~BIT(T))
#define FLD(o)  ((o) == S -> 0 : (o) - 2)
#define KEY(e)  ((N) - 1 + 2 * (e))
#define VAL(e)  ((N) + 2 * (e))

byte mem[N - 1 + 2 * E];                /* 0 = null, else an object            */
byte stamp[N + 1];
byte exists = BIT(S);
byte marked, keyed;

/* Never set: they name an assertion in what spin reports of it. */
bool SAFE, I1, LEAK, WAITS, KEYED, ARMED, I3;

/* ---- the pending table: one lock and a set of values per key ---- */
byte waiting[N + 1];
byte locked;
#define IS_LOCKED(k) ((locked & BIT(k)) != 0)

/* ---- collector ---- */
byte epoch = 1;
byte pend;                              /* handed-over and deferred objects    */
byte work;                              /* marked, to be scanned               */
byte defer;                             /* marked, scanned from next round on  */
byte gone;                              /* must be white at the stop           */
byte was[N + 1];                        /* values that a key ever had          */
bool first = true;                      /* no mutator has answered yet         */
bool clears;                            /* the table is to be cleared          */
bool go, done;
#ifdef MUT_SCAN_ONCE
bool scanned_once;
#endif

/* ---- whoever marks: markers first, then mutators ---- */
#define SELVES  (MARKERS + M)
#define SELF(i) (MARKERS + (i))
byte visits[SELVES];                    /* references to be marked             */
byte resolves[SELVES];                  /* KEYED key just marked, or 0         */

/* ---- markers: the entry in hand ---- */
#define IDLE  0
#define NEXT  1                         /* to read the key of entry me         */
#define VALUE 2                         /* to read its value                   */
#define ENTER 3                         /* to enter mw for mk                  */
#define SET   4                         /* to set KEYED on mk                  */
byte mp[MARKERS], me[MARKERS], mk[MARKERS], mw[MARKERS];
#if defined(MUT_KEYED_PLAIN) || defined(MUT_MARK_PLAIN)
byte mc[MARKERS], ms[MARKERS], mx[MARKERS]; /* a byte that was read            */
#endif
#define AT_REST(w)  (mp[w] == IDLE && visits[w] == 0 && resolves[w] == 0)
#if MARKERS == 1
#define ALL_AT_REST AT_REST(0)
#else
#define ALL_AT_REST (AT_REST(0) && AT_REST(1))
#endif

/* ---- mutators ---- */
#define BAR   1                         /* about to test the stamp of ob       */
#define CAS   2                         /* logged, about to stamp ob           */
#define ROOT  3                         /* answering a handshake               */
byte pc[M], ob[M];
byte ep[M] = 1;
byte held[M];                           /* local roots (and S, always)         */
byte log[M], carry[M];
byte ba[M], bv[M], ca[M], cv[M];        /* buffered: address + 1, value        */
byte ops;
#ifdef LATE
byte on;
#define BARRIER_ON(i) ((on & (1 << i)) != 0)
#define SWITCH_ON(i)  on = on | (1 << i)
#else
#define BARRIER_ON(i) true
#define SWITCH_ON(i)  skip
#endif
#ifdef MUT_MUTATOR_PLAIN
byte seen[M], seen_keyed[M];
#endif

#define DRAINED(i)    (ba[i] == 0 && ca[i] == 0)
#define USES_TABLE(j) (ob[j] == T || ba[j] > N - 1 || ca[j] > N - 1)
#define HOLDS(i, o)   (((held[i] | BIT(S)) & BIT(o)) != 0)
#define HALTED(i)     (pc[i] == IDLE && DRAINED(i))
#define ANSWERED(i)   (ep[i] == epoch && pc[i] != ROOT)
#define HELD          (UNION(held) | BIT(S))
#if M == 1
#define MYTURN(i) true
#else
#define MYTURN(i) ((i) == 0 || !first)
#endif
#ifdef MUT_EARLY_SCAN
#define ALL_ANSWERED true
#else
#define ALL_ANSWERED EVERY(ANSWERED)
#endif

/* x = some member, or the first member, of a non-empty set */
inline pick(x, set) {
	x = 1;
	do
	:: ((set) & BIT(x)) -> break
	:: ((set) >> x) != 0 -> x++
	od
}
inline lowest(x, set) {
	x = 1;
	do
	:: ((set) & BIT(x)) -> break
	:: else -> x++
	od
}

inline entry(e) {
#if E == 1
	e = 0
#else
	if
	:: e = 0
	:: e = 1
	fi
#endif
}

/* mutator i allocates as much as it likes */
inline births(i, o) {
#ifdef BORN
	do
	:: exists != ALL ->
		lowest(o, ALL & ~exists);
		exists = exists | BIT(o);
		stamp[o] = ep[i];
		held[i] = held[i] | BIT(o)
		SAY("  m%d: allocates %d, stamp %d\n", i, o, ep[i])
	:: true -> break
	od;
	o = 0
#else
	skip
#endif
}

/* mutator i drops what it likes */
inline drops(i, o) {
	o = 1;
	do
	:: o < N ->
		o++;
		if
		:: (held[i] & BIT(o)) != 0 -> held[i] = held[i] & ~BIT(o)
		:: true -> skip
		fi
	:: o == N -> break
	od;
	o = 0
}

/* self marks o: one locked operation on its byte, which clears KEYED */
inline mark(self, o) {
	if
	:: (marked & BIT(o)) == 0 ->
		marked = marked | BIT(o);
		if
#ifndef MUT_NO_DEFER
#ifdef MUT_NO_DEFER_TABLE
		:: stamp[o] == epoch && o != T ->
#else
		:: stamp[o] == epoch ->
#endif
			defer = defer | BIT(o)
			SAY("  marks %d, defers it\n", o)
#endif
		:: else ->
			stamp[o] = 0;
			work = work | BIT(o)
			SAY("  marks %d\n", o)
		fi;
		if
		:: (keyed & BIT(o)) != 0 ->
			keyed = keyed & ~BIT(o);
			resolves[self] = o
		:: else -> skip
		fi
	:: else -> skip
	fi
}

/* the values that wait for a key that self has marked; the lock is free */
inline resolve(self) {
	visits[self] = visits[self] | waiting[resolves[self]]
	SAY("  resolves %d\n", resolves[self]);
	waiting[resolves[self]] = 0;
	resolves[self] = 0
}

/* reach = what reach leads to; with entries that were there, or only those that are */
inline close(reach, old, x, were) {
	do
	:: old = reach;
		for (x : 1 .. N) {
			if
			:: x != T && (reach & BIT(x)) != 0 && mem[FLD(x)] != 0 ->
				reach = reach | BIT(mem[FLD(x)])
			:: else -> skip
			fi;
			if
			:: were && (reach & BIT(T)) != 0 && (reach & BIT(x)) != 0 -> reach = reach | was[x]
			:: else -> skip
			fi
		}
		for (x : 0 .. E - 1) {
			if
			:: (reach & BIT(T)) != 0 && mem[KEY(x)] != 0 && (reach & BIT(mem[KEY(x)])) != 0 && mem[VAL(x)] != 0 ->
				reach = reach | BIT(mem[VAL(x)])
			:: else -> skip
			fi
		}
		if
		:: old == reach -> break
		:: else -> skip
		fi
	od;
	old = 0; x = 0
}

proctype mutator(byte i)
{
	byte o, e, v;
	do
	:: done -> break

	/* a buffered store becomes visible */
	:: atomic { !done && ba[i] != 0 -> mem[ba[i] - 1] = bv[i]; ba[i] = 0; bv[i] = 0
		SAY("  m%d: a store becomes visible\n", i) }
	:: atomic { !done && ca[i] != 0 -> mem[ca[i] - 1] = cv[i]; ca[i] = 0; cv[i] = 0
		SAY("  m%d: a second store becomes visible\n", i) }

	/* load a field */
	:: atomic { !done && pc[i] == IDLE ->
		pick(o, (held[i] | BIT(S)) & PLAIN);
		v = mem[FLD(o)];
		if
		:: v > S && ba[i] != FLD(o) + 1 && !HOLDS(i, v) ->
			held[i] = held[i] | BIT(v)
			SAY("  m%d: loads %d from %d\n", i, v, o)
		:: else -> skip
		fi;
		o = 0; v = 0
	   }
	/* load a key, or the value of a key that is held */
	:: atomic { !done && pc[i] == IDLE && HOLDS(i, T) && ALONE(i) && DRAINED(i) ->
		entry(e);
		v = mem[KEY(e)];
		if
		:: v == 0 -> skip
		:: v != 0 && !HOLDS(i, v) -> skip
		:: v != 0 && HOLDS(i, v) -> v = mem[VAL(e)]
		fi;
		if
		:: v > S && !HOLDS(i, v) ->
			held[i] = held[i] | BIT(v)
			SAY("  m%d: looks up %d\n", i, v);
			d_step {
				o = HELD;
				close(o, e, v, true);
				gone = gone & ~o
			}
		:: else -> skip
		fi;
		o = 0; e = 0; v = 0
	   }

#ifndef PUTS
	/* store to a field, then barrier */
	:: atomic { !done && pc[i] == IDLE && DRAINED(i) && ops < OPS ->
		pick(o, (held[i] | BIT(S)) & PLAIN);
		if
		:: v = 0
		:: pick(v, held[i] | BIT(S))
		fi;
		ba[i] = FLD(o) + 1; bv[i] = v;
		ops++; pc[i] = BAR; ob[i] = o
		SAY("  m%d: stores %d to %d\n", i, v, o);
		o = 0; v = 0
	   }
#endif
	/* put or remove an entry, then barrier */
	:: atomic { !done && pc[i] == IDLE && DRAINED(i) && ops < OPS && HOLDS(i, T) && ALONE(i) ->
		entry(e);
		if
		:: skip
		:: (held[i] & ~BIT(T)) != 0 ->
			pick(o, held[i] & ~BIT(T));
			pick(v, held[i] & ~BIT(T));
			was[o] = was[o] | BIT(v)
		fi;
		ba[i] = KEY(e) + 1; bv[i] = o; ca[i] = VAL(e) + 1; cv[i] = v;
		ops++; pc[i] = BAR; ob[i] = T
		SAY("  m%d: puts %d, %d\n", i, o, v);
		o = 0; e = 0; v = 0
	   }

	/* the barrier's test, and the append to the private log */
	:: atomic { !done && pc[i] == BAR ->
		if
		:: stamp[ob[i]] == ep[i] || !BARRIER_ON(i) ->
			pc[i] = IDLE
			SAY("  m%d: barrier skips %d\n", i, ob[i]);
			ob[i] = 0
		:: else ->
			log[i] = log[i] | BIT(ob[i])
			SAY("  m%d: logs %d\n", i, ob[i]);
#ifdef MUT_MUTATOR_PLAIN
			seen[i] = marked & BIT(ob[i]); seen_keyed[i] = keyed & BIT(ob[i]);
#endif
			pc[i] = CAS
		fi
	   }
	/* its locked operation */
	:: atomic { !done && pc[i] == CAS && DRAINED(i) ->
		o = ob[i];
#ifndef MUT_NO_CARRY
		if
		:: stamp[o] != 0 && stamp[o] != ep[i] -> carry[i] = carry[i] | BIT(o)
		:: else -> skip
		fi;
#endif
#ifdef MUT_MUTATOR_PLAIN
		marked = (marked & ~BIT(o)) | seen[i]; seen[i] = 0;
		keyed = (keyed & ~BIT(o)) | seen_keyed[i]; seen_keyed[i] = 0;
#endif
		stamp[o] = ep[i]
		SAY("  m%d: stamps %d with %d\n", i, o, ep[i]);
		pc[i] = IDLE; ob[i] = 0; o = 0
	   }

	/* safepoint with a handshake pending: epoch, log, roots */
	:: atomic { !done && HALTED(i) && ep[i] != epoch && MYTURN(i) ->
		first = false;
		ep[i] = epoch
		SAY("  m%d: answers, takes epoch %d\n", i, epoch);
		SWITCH_ON(i);
		pend = pend | log[i];
		log[i] = carry[i]; carry[i] = 0;
		drops(i, o);
		visits[SELF(i)] = (held[i] | BIT(S)) & ~marked;
		pc[i] = ROOT
	   }
	:: atomic { !done && pc[i] == ROOT && resolves[SELF(i)] == 0 && visits[SELF(i)] != 0 ->
		lowest(o, visits[SELF(i)]);
		visits[SELF(i)] = visits[SELF(i)] & ~BIT(o);
		mark(SELF(i), o);
		o = 0
	   }
	:: atomic { !done && resolves[SELF(i)] != 0 && !IS_LOCKED(resolves[SELF(i)]) ->
#ifdef MUT_ROOTS_KEEP_SILENT
		resolves[SELF(i)] = 0
#else
		resolve(SELF(i))
#endif
	   }
	:: atomic { !done && pc[i] == ROOT && visits[SELF(i)] == 0 && resolves[SELF(i)] == 0 ->
		pc[i] = IDLE;
		births(i, o)
	   }
	od
}

/* on to the next entry of the table */
inline next_entry(w) {
	mk[w] = 0; mw[w] = 0;
	me[w]++;
	if
	:: me[w] == E -> me[w] = 0; mp[w] = IDLE
	:: else -> mp[w] = NEXT
	fi
}

proctype marker(byte w)
{
	byte o;
	do
	:: done -> break

	/* an entry of a log loses an older stamp, and is looked at again */
	:: atomic { go && AT_REST(w) && pend != 0 ->
		lowest(o, pend);
		pend = pend & ~BIT(o);
#ifndef MUT_NO_RESET_LOG
		if
		:: stamp[o] == 3 - epoch -> stamp[o] = 0
		:: else -> skip
		fi;
#endif
		if
#if defined(MUT_RESCAN_STAMPED) || defined(MUT_NO_DEFER)
		:: (marked & BIT(o)) != 0 ->
#else
		:: (marked & BIT(o)) != 0 && stamp[o] != epoch ->
#endif
			work = work | BIT(o)
		:: else -> skip
		fi
		SAY("  log: entry %d\n", o);
		o = 0
	   }

	/* takes an object, and reads its field or begins with its entries */
	:: atomic { go && AT_REST(w) && work != 0 && (pend == 0 || MARKERS > 1) ->
		pick(o, work);
		work = work & ~BIT(o);
		if
		:: o == T ->
#ifdef MUT_SCAN_ONCE
			mp[w] = (scanned_once -> IDLE : NEXT);
			scanned_once = true
#else
			mp[w] = NEXT
#endif
		:: else ->
			if
			:: mem[FLD(o)] != 0 -> visits[w] = BIT(mem[FLD(o)]) & ~marked
			:: else -> skip
			fi
		fi
		SAY("  scans %d\n", o);
		o = 0
	   }
	:: atomic { mp[w] == NEXT && visits[w] == 0 && resolves[w] == 0 ->
		mk[w] = mem[KEY(me[w])]
		SAY("  reads key %d\n", mk[w]);
		if
		:: mk[w] == 0 -> next_entry(w)
		:: else -> mp[w] = VALUE
		fi
	   }
	:: atomic { mp[w] == VALUE ->
		mw[w] = mem[VAL(me[w])]
		SAY("  reads value %d\n", mw[w]);
		if
#ifdef MUT_STRONG
		:: true ->
			visits[w] = BIT(mk[w]) | (mw[w] != 0 -> BIT(mw[w]) : 0);
			next_entry(w)
#endif
		:: (marked & BIT(mk[w])) != 0 ->
			visits[w] = (mw[w] != 0 -> BIT(mw[w]) & ~marked : 0);
			next_entry(w)
		:: else ->
#ifdef MUT_WAITS_IF_PENDING
			if
			:: mw[w] != 0 && (marked & BIT(mw[w])) == 0 -> clears = true
			:: else -> skip
			fi;
#else
			clears = true;
#endif
			if
			:: mw[w] == 0 || (marked & BIT(mw[w])) != 0 -> next_entry(w)
#ifdef MUT_KEYED_FIRST
			:: else -> mp[w] = SET
#elif defined(MUT_KEYED_IS_ENOUGH)
			:: (keyed & BIT(mk[w])) != 0 -> next_entry(w)
			:: else -> mp[w] = ENTER
#else
			:: else -> mp[w] = ENTER
#endif
		fi
		fi
	   }
	:: atomic { mp[w] == ENTER && !IS_LOCKED(mk[w]) ->
		waiting[mk[w]] = waiting[mk[w]] | BIT(mw[w])
		SAY("  enters %d for %d\n", mw[w], mk[w]);
#ifdef MUT_KEYED_FIRST
		next_entry(w)
#else
#ifndef UNLOCKED
		locked = locked | BIT(mk[w]);
#endif
#ifdef MUT_KEYED_PLAIN
		mc[w] = marked & BIT(mk[w]); ms[w] = stamp[mk[w]];
#endif
		mp[w] = SET
#endif
	   }
	:: atomic { mp[w] == SET ->
		if
#ifdef MUT_KEYED_PLAIN
		:: mc[w] == 0 ->
			marked = marked & ~BIT(mk[w]); stamp[mk[w]] = ms[w];
			keyed = keyed | BIT(mk[w])
#else
		:: (marked & BIT(mk[w])) == 0 -> keyed = keyed | BIT(mk[w])
			SAY("  sets KEYED on %d\n", mk[w])
#endif
		:: else -> visits[w] = BIT(mw[w]) & ~marked
		fi;
#ifdef MUT_KEYED_PLAIN
		mc[w] = 0; ms[w] = 0;
#endif
#ifdef MUT_KEYED_FIRST
		if
		:: visits[w] != 0 -> next_entry(w)
		:: else -> mp[w] = ENTER
		fi
#else
		locked = locked & ~BIT(mk[w]);
		next_entry(w)
#endif
	   }

	/* marks what it has read */
#ifdef MUT_MARK_PLAIN
	:: atomic { visits[w] != 0 && resolves[w] == 0 && mx[w] == 0 ->
		pick(o, visits[w]);
		mx[w] = o; mc[w] = (marked | keyed) & BIT(o); ms[w] = stamp[o];
		if
		:: mc[w] != 0 -> mark(w, o); visits[w] = visits[w] & ~BIT(o); mx[w] = 0; mc[w] = 0; ms[w] = 0
		:: else -> skip
		fi;
		o = 0
	   }
	:: atomic { mx[w] != 0 ->
		o = mx[w];
		visits[w] = visits[w] & ~BIT(o);
		marked = marked & ~BIT(o); keyed = keyed & ~BIT(o); stamp[o] = ms[w];
		mark(w, o);
		mx[w] = 0; ms[w] = 0; o = 0
	   }
#else
	:: atomic { visits[w] != 0 && resolves[w] == 0 ->
		pick(o, visits[w]);
		visits[w] = visits[w] & ~BIT(o);
		mark(w, o);
		o = 0
	   }
#endif
	:: atomic { resolves[w] != 0 && !IS_LOCKED(resolves[w]) -> resolve(w) }
	od
}

/* in the stop */
inline visit_all(set, x) {
	do
	:: (set & ~marked) != 0 ->
		lowest(x, set & ~marked);
		marked = marked | BIT(x); stamp[x] = 0; work = work | BIT(x);
		if
		:: (keyed & BIT(x)) != 0 ->
			keyed = keyed & ~BIT(x);
			set = set | waiting[x]; waiting[x] = 0
		:: else -> skip
		fi
	:: else -> break
	od;
	set = 0; x = 0
}

proctype collector()
{
	byte round, x, k, e, set;

	do
	:: round < R ->
		atomic {
			epoch = 3 - epoch
			SAY("round %d, epoch %d\n", round + 1, epoch);
			pend = pend | defer;
			defer = 0;
			if
			:: round == 0 ->
				d_step {
					set = HELD;
					for (x : 0 .. M - 1) {
						set = set | (bv[x] != 0 -> BIT(bv[x]) : 0) | (cv[x] != 0 -> BIT(cv[x]) : 0)
					}
					close(set, k, x, true);
					gone = exists & ~set & ~marked;
					set = 0
				}
			:: else -> skip
			fi
		};
		ALL_ANSWERED;
		go = true;
		atomic { pend == 0 && work == 0 && ALL_AT_REST && EVERY(ANSWERED) ->
			go = false;
			for (x : 1 .. N) {
				assert(I3 || !((marked & BIT(x)) != 0 && stamp[x] == epoch)
				    || ((UNION(log) | defer) & BIT(x)) != 0)
			}
			x = 0;
			round++
		}
	:: round == R -> break
	od;

	/* the stop */
	atomic {
	EVERY(HALTED)
	SAY("stop\n");
	for (k : 0 .. M - 1) {
		drops(k, x)
	}
	k = 0;
	d_step {
#ifdef MUT_NO_FINAL_LOGS
	pend = pend | defer;
#elif defined(MUT_NO_FINAL_DEFERRED)
	pend = pend | UNION(log);
#else
	pend = pend | defer | UNION(log);
#endif
	defer = 0;
	for (x : 1 .. N) {
		if
		:: (pend & BIT(x)) != 0 -> stamp[x] = 0
		:: else -> skip
		fi
	}
	work = pend & marked; pend = 0;
#ifndef MUT_NO_FINAL_ROOTS
	set = HELD;
	visit_all(set, x);
#endif
	do
	:: (work & ~BIT(T)) != 0 ->
		lowest(x, work & ~BIT(T));
		work = work & ~BIT(x);
		set = (mem[FLD(x)] != 0 -> BIT(mem[FLD(x)]) : 0);
		visit_all(set, x)
#ifdef MUT_SCAN_ONCE
	:: work == BIT(T) && scanned_once -> work = 0
	:: work == BIT(T) && !scanned_once ->
#else
	:: work == BIT(T) ->
#endif
		work = 0;
		for (e : 0 .. E - 1) {
			k = mem[KEY(e)];
			if
			:: k != 0 ->
				set = (mem[VAL(e)] != 0 -> BIT(mem[VAL(e)]) : 0);
				if
				:: (marked & BIT(k)) == 0 ->
					clears = true;
					if
					:: (set & ~marked) != 0 ->
						waiting[k] = waiting[k] | set; keyed = keyed | BIT(k)
					:: else -> skip
					fi;
					set = 0
				:: else -> visit_all(set, x)
				fi
			:: else -> skip
			fi
		}
	:: work == 0 -> break
	od;

	/* the properties */
	set = HELD;
	close(set, k, x, false);
	assert(SAFE || (set & ~marked) == 0);
	set = marked;
	close(set, k, x, false);
	assert(I1 || (set & ~marked) == 0);
	assert(LEAK || (marked & gone) == 0);
	assert(KEYED || (marked & keyed) == 0);
	for (e : 0 .. E - 1) {
		k = mem[KEY(e)];
		assert(WAITS || (marked & BIT(T)) == 0 || k == 0 || (marked & BIT(k)) != 0 || clears)
	}
	for (x : 1 .. N) {
		assert(ARMED || (marked & BIT(x)) == 0 || stamp[x] == 0)
	}
	set = 0; k = 0; x = 0; e = 0
	}
	done = true
	}
}

init {
	byte i, o, s, t;
	atomic {
#ifdef SEED
		exists = ALL;
		if
		:: mem[FLD(S)] = 0
		:: mem[FLD(S)] = T
		:: mem[FLD(S)] = 3
		fi;
		if
		:: true -> skip
		:: mem[KEY(0)] = 3; mem[VAL(0)] = N
#if N > 3
		:: mem[KEY(0)] = 4; mem[VAL(0)] = 3
#endif
		fi;
#if E == 2
		if
		:: true -> skip
		:: mem[KEY(1)] = 3; mem[VAL(1)] = T
		:: mem[KEY(1)] = N; mem[VAL(1)] = 3
#if N > 4
		:: mem[KEY(1)] = 4; mem[VAL(1)] = 3
		:: mem[KEY(1)] = 5; mem[VAL(1)] = 4
#endif
		fi;
#endif
		for (o : 0 .. E - 1) {
			if
			:: mem[KEY(o)] != 0 -> was[mem[KEY(o)]] = was[mem[KEY(o)]] | BIT(mem[VAL(o)])
			:: else -> skip
			fi
		}
		/* mutator 0 may hold anything, mutator 1 what it shares from the start */
		for (o : 2 .. N) {
			if
			:: true -> skip
			:: true -> held[0] = held[0] | BIT(o)
#if M == 2
			:: true -> held[1] = held[1] | BIT(o)
			:: true -> held[0] = held[0] | BIT(o); held[1] = held[1] | BIT(o)
#endif
			fi
		}
		if
		:: s = 0
		:: s = 1
		:: s = 2
		fi;
		if
		:: t = 0
		:: t = 1
		:: t = 2
		fi;
		for (o : 3 .. N) {
			stamp[o] = s
		}
		stamp[T] = t; stamp[S] = s;
#ifdef MINOR
		marked = BIT(S) | BIT(T);
		stamp[S] = 1; log[0] = BIT(S);
		if
		:: stamp[T] = 1; log[0] = log[0] | BIT(T)
		:: mem[KEY(0)] == 0 && mem[KEY(E - 1)] == 0 -> stamp[T] = 0
		fi;
#endif
		o = 0; s = 0; t = 0;
#endif
		run collector();
		do
		:: i < MARKERS -> run marker(i); i++
		:: i == MARKERS -> break
		od;
		i = 0;
		do
		:: i < M -> births(i, o); run mutator(i); i++
		:: i == M -> break
		od
	}
}
