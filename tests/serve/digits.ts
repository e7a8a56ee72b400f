/**
 * A model of handwritten digits, 822 bytes: 97.9 % of MNIST's test images. It was written by
 *
 *     deno task train --data mnist --projection conv --bits 24 --select 256 --reads counts --head ternary --epochs 6 --normalize \
 *       --lambda 1,1,1 --seed 1 --out digits.pnet
 */
export const DIGITS =
  "UE5FVAG2BgEEABwcAQIzNQEYBQEGBoACA2J4YmrD8NQS5VXUIjpXAwgEADVWLR8VIwEzHxEkJDcAbgoFP0AGFgAaAwEKBuoF0zA9OD0wPT09ST01PS89QD1PPVI9/j62QCk/ar+9v6Y+0T6JPyzAnD/Jbe8OgJPGI0svo0nXVsLblb8MPRM/b+5eXkZg3VpWaky4b/+JvpcgItbedo3fPcbigLgtxjpoyIJAL7YXyPXyAn4x+6xp/qyGiCCvbEtig4+6JZCmzJj1L7J/aMvPN/zBDupVZrUzSiWzmNssVTA3ZMNTDIZief2Y/xNBiauoVfAQGsH9nZLLSvunTS4pcdfkb0XBvN16VPUnHb8LMBV2reqmYXxSOET0Jgqx1hVGKEJVWccv09LuU6nzS7fxcTLOoMTa+cynr4DId2ihcRlFf5daxBeUWbqffmIySb3ppH+3Pi/+vGufr7S5nsoubq02nKHI/SNQIs7pUOccuXpNyij7NpdXgw1iRhxfdU3emmRxOfIiVcH1TbVL5tDH77aTbZSfAOKKqio9enfuN0f5qKN6o1Caxz/5/AxW2Mpck+m6TqpDJxpSumOgN8zqqQDr8oPpi0igUMfTdDNbGKCK4m2czjFo8RtFw2sEPqdlAzzKfIJECgY4cSvMm5TvMJoclbe4Xm8F2MXlhRnMYu99WMfZTKEmYj/DeQ0czRyCeZcAENPyq9ymAXKblEvtBFIMfb68WHg5egIYKUvgJbBY0cNZzOzPHS8tkgZxlZ3Uuco2sc6eBfEHdh1GdQQc/pCfBKWMV8yFHDT7gj3GTmqcYLG1HQwVwOYoadBLI2cSgJ6czsfc+KcLiKUhATa0L/40ORvzuQMuqvKfdyZc3FFhIMBsg2AasOMIvLS3mvv4N69M6E+bIgoh9H/xLjXDSI67UldyH+mtgO0PSbWyqj43Ulah9t07rdCr0oz62yOzeq/qodl2uEVbOWdhB5Vm6QGGBsS+LKCcsEA+UXPPOmJPEafBNsWE2JoVzf88a7Gsafb1O8y0qNzEY4o3BMxvp+T9ArmSHE2qqHG0D8XQy0YaomSdQGXFmUk+e2o7XVZzTHttnkbo";
