// Says that two types are the same, to the letter: assignability would let `any` through.
type Same<Left, Right> =
  (<Type>() => Type extends Left ? 1 : 2) extends <Type>() => Type extends Right ? 1 : 2 ? true : false

export declare function same<Actual, Expected>(...proof: Same<Actual, Expected> extends true ? [] : [never]): void
